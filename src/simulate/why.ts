import type { Failover } from '../collector/graph.ts'
import { formatDuration } from '../core/duration.ts'
import { NO_LEVEL_LEFT } from '../model/failover.ts'
import { CRASHED } from '../model/node.ts'
import { QUEUE_FULL } from '../model/queue.ts'
import { exportersOf } from '../outage/expected-level.ts'
import { ROTATED_AWAY } from './books.ts'
import { type Cite, type Cited, citing } from './cite.ts'
import { EMPTIED } from './file-backend.ts'
import type { Why } from './result.ts'
import type { Run } from './run.ts'
import { NO_ANSWER } from './sender.ts'
import type { Question } from './simulate.ts'
import { waitsOf } from './waits.ts'

/** Names every loss, refusal, missing answer, duplicate and wait of a run by its cause and by the line of the config that has it. */
export function whyOf(run: Run, { graph, failover, scenario, findings }: Omit<Question, 'claims' | 'identity'>): Why[] {
  const cite = citing(graph, findings)
  const spans = (kind: Why['kind'], count: number, cited: Cited): Why => ({ kind, count, seconds: null, ...cited })
  const losses = run.losses.map(({ by, error, count }) => spans('loss', count, lossOf(by, error, cite)))
  const refusals = Array.from(run.refusals, ([error, count]) => spans('refusal', count, refusalOf(error, failover, cite)))
  const unanswered = Array.from(unansweredOf(run), ([error, count]) =>
    spans('unknown', count, unansweredBy(error, failover, scenario.senderTimeoutMs, cite)),
  )
  const { duplicated } = run.measured.ledger
  const duplicates = duplicated > 0 ? [spans('duplicate', duplicated, duplicateOf(failover, cite))] : []
  return [...losses, ...refusals, ...unanswered, ...duplicates, ...waitsOf(run, graph, failover, scenario, cite)]
}

function lossOf(by: string, error: string, cite: Cite): Cited {
  if (error === CRASHED)
    return cite(
      `${by} had it in memory only when the collector died`,
      ['storage-without-fsync', 'connector-answers-early', 'queue-hides-errors', 'batch-hides-errors'],
      by,
    )
  if (error === EMPTIED) return cite(`${error} of the collector: ${by}`, ['backup-truncated'], by)
  if (error === ROTATED_AWAY) return cite(`${error}: ${by}`, ['backup-size'], by)
  const text = error === NO_LEVEL_LEFT ? 'every level had failed' : error
  return cite(
    `${by} had acknowledged it and gave it up: ${text}`,
    ['batch-hides-errors', 'connector-answers-early', 'queue-hides-errors'].filter(rule => fits(rule, by, error)),
    by,
  )
}

// The rule about a batch processor says nothing about a queue, and the other way round.
const fits = (rule: string, by: string, error: string) =>
  rule === 'batch-hides-errors'
    ? by.startsWith('batch')
    : rule === 'connector-answers-early'
      ? by.startsWith('failover') || error === NO_LEVEL_LEFT
      : true

function refusalOf(error: string, { component }: Failover, cite: Cite): Cited {
  if (error === NO_LEVEL_LEFT)
    return cite(`every level of ${component.id} had failed: the sender was told`, ['sender-cannot-retry'], component.id)
  if (error === QUEUE_FULL)
    return cite('a sending queue was full: the sender was told', ['queue-too-small', 'queue-hides-errors'], component.id)
  return cite(`the sender was told: ${error}`, [], component.id)
}

function duplicateOf({ component, levels }: Failover, cite: Cite): Cited {
  const isFanOut = levels.some(({ pipelines }) => pipelines.length > 1)
  return isFanOut
    ? cite(
        'a level with several pipelines fails as a whole: what one of them took goes to the next level, too',
        ['level-duplicates'],
        component.id,
      )
    : cite('it was sent again after no answer had come, and had arrived', [], component.id)
}

const STILL_OPEN = 'still open'

/** Why requests have no answer, with spans; what is left over was under way when the run ended. */
function unansweredOf({ unanswered, measured }: Run): Map<string, number> {
  const open = Array.from(unanswered.values()).reduce((left, count) => left - count, measured.ledger.unknown)
  return open > 0 ? new Map([...unanswered, [STILL_OPEN, open]]) : new Map(unanswered)
}

function unansweredBy(error: string, { component, levels }: Failover, senderTimeoutMs: number, cite: Cite): Cited {
  if (error === STILL_OPEN) return cite('no answer had come when the run ended', [], component.id)
  if (error !== NO_ANSWER) return cite('the collector died before it had answered', [], component.id)
  const [first = component.id] = levels[0] ? exportersOf(levels[0]) : []
  return cite(
    `the sender gave up: no answer within ${formatDuration(senderTimeoutMs)}`,
    ['sender-gives-up-first', 'no-timeout', 'retry-delays-failover', 'slow-failover'],
    first,
  )
}
