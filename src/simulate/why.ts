import type { Failover, Graph } from '../collector/graph.ts'
import { sendingOf } from '../collector/sending.ts'
import { formatDuration } from '../core/duration.ts'
import { NO_LEVEL_LEFT } from '../model/failover.ts'
import { CRASHED } from '../model/node.ts'
import { QUEUE_FULL } from '../model/queue.ts'
import { classicSettings } from '../model/settings.ts'
import { exportersOf } from '../outage/expected-level.ts'
import type { At } from '../source/value.ts'
import type { Finding } from '../validate/check.ts'
import { ROTATED_AWAY } from './books.ts'
import { EMPTIED } from './file-backend.ts'
import type { Why } from './result.ts'
import type { Run } from './run.ts'
import type { Turn } from './transitions.ts'

/** Waits that are shorter than this need no reason. */
const NOTABLE_MS = 250

/** Names every loss, wait, refusal and duplicate of a run by its cause and by the line of the config that has it. */
export function whyOf(run: Run, graph: Graph, failover: Failover, findings: readonly Finding[]): Why[] {
  const cite = citing(graph, findings)
  const losses = run.losses.map(({ by, error, count }) => ({
    kind: 'loss' as const,
    count,
    seconds: null,
    ...lossOf(by, error, cite),
  }))
  const refusals = Array.from(run.refusals, ([error, count]) => {
    return { kind: 'refusal' as const, count, seconds: null, ...refusalOf(error, failover, cite) }
  })
  const { duplicated } = run.measured.ledger
  const duplicates =
    duplicated > 0 ? [{ kind: 'duplicate' as const, count: duplicated, seconds: null, ...duplicateOf(failover, cite) }] : []
  const waits = run.turns.flatMap(turn => waitOf(turn, run, graph, failover, cite))
  return [...losses, ...refusals, ...duplicates, ...longest(waits)]
}

/** Waits for the same reason as one, the longest: a backend that flaps makes thousands. */
function longest(waits: readonly Why[]): Why[] {
  const alike = new Map<string, { wait: Why; times: number }>()
  for (const wait of waits) {
    const key = JSON.stringify([wait.what, wait.file, wait.line])
    const { wait: before, times } = alike.get(key) ?? { wait, times: 0 }
    alike.set(key, { wait: (before.seconds ?? 0) >= (wait.seconds ?? 0) ? before : wait, times: times + 1 })
  }
  return Array.from(alike.values(), ({ wait, times }) =>
    times > 1 ? { ...wait, what: `${wait.what} (the longest of ${times} times)` } : wait,
  ).sort((a, b) => (b.seconds ?? 0) - (a.seconds ?? 0))
}

type Cited = Pick<Why, 'what' | 'rule' | 'file' | 'line'>
/** What is said, with the first finding of these rules that speaks of the component, or that is the only one; else the component's own place. */
type Cite = (what: string, rules: readonly string[], component: string, at?: At) => Cited

function citing(graph: Graph, findings: readonly Finding[]): Cite {
  return (what, rules, component, at) => {
    const among = rules.flatMap(rule => findings.filter(finding => finding.rule === rule))
    const found = among.find(({ message }) => message.includes(`\`${component}\``)) ?? (among.length === 1 ? among[0] : undefined)
    const place = found?.at ?? at ?? placeOf(graph, component)
    return { what, rule: found?.rule ?? null, file: place?.file ?? null, line: place?.line ?? null }
  }
}

const placeOf = ({ components }: Graph, id: string): At | undefined =>
  [components.connectors, components.exporters, components.processors].map(each => each.get(id)?.at).find(at => at !== undefined)

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

/** What the time until the level that should follow was spent on. */
function waitOf(turn: Turn, run: Run, graph: Graph, failover: Failover, cite: Cite): (Why & { kind: 'wait' })[] {
  const isDown = turn.expected < 0 || (turn.before >= 0 && turn.expected > turn.before)
  if (turn.expected < 0) return []
  const passed = (turn.firstAt ?? turn.endsAt) - turn.at
  if (passed < NOTABLE_MS) return []
  const wait = (ms: number, cited: Cited) => ({ kind: 'wait' as const, count: null, seconds: Math.round(ms) / 1000, ...cited })
  if (isDown) return [wait(passed, failoverWait(turn, graph, failover, cite))]
  const dialed = dialedAfter(turn, run, failover)
  const interval = formatDuration(failover.retryInterval.value)
  const { id } = failover.component
  const dialing = dialed === undefined ? 0 : dialed - turn.at
  const grpc =
    dialing >= NOTABLE_MS
      ? [
          wait(
            dialing,
            cite(
              `until its gRPC client dialed again: level ${turn.expected} was back and not seen`,
              ['recovery-waits-for-grpc'],
              id,
            ),
          ),
        ]
      : []
  const rest = passed - dialing
  const tick =
    rest >= NOTABLE_MS
      ? [
          wait(
            rest,
            cite(
              turn.firstAt === undefined
                ? neverBack(turn.expected, graph, failover)
                : `until a tick of retry_interval (${interval}) and a batch tried level ${turn.expected}`,
              ['slow-recovery'],
              id,
              failover.retryInterval.at,
            ),
          ),
        ]
      : []
  return [...grpc, ...tick]
}

function neverBack(level: number, graph: Graph, failover: Failover): string {
  const { maxRetries = 0, zeroBlocks = false } = classicSettings(failover, graph.version) ?? {}
  if (maxRetries > 0)
    return `until the end: no trial succeeded, and a level that failed max_retries (${maxRetries}) of them is never tried again`
  if (zeroBlocks) return 'until the end: before 0.116 max_retries 0 means that no level is ever tried again'
  const interval = formatDuration(failover.retryInterval.value)
  return `until the end: no batch at a tick of retry_interval (${interval}) was taken by level ${level}`
}

function failoverWait({ before, firstAt }: Turn, graph: Graph, failover: Failover, cite: Cite): Cited {
  const level = failover.levels[Math.max(0, before)]
  const ids = level ? exportersOf(level) : []
  const [first = failover.component.id] = ids
  if (firstAt === undefined)
    return cite(
      `no failover: the error of ${first} never reaches ${failover.component.id}`,
      ['batch-hides-errors', 'queue-hides-errors', 'retry-delays-failover', 'no-timeout', 'any-error-fails-over', 'same-backend'],
      first,
    )
  const exporter = graph.components.exporters.get(first)
  const sending = exporter && sendingOf(exporter)
  if (sending?.queue?.enabled.value)
    return cite(`until failover: the queue of ${first} takes everything until it is full`, ['queue-hides-errors'], first)
  if (sending?.retry?.enabled.value)
    return cite(`until failover: ${first} tries again first`, ['retry-delays-failover'], first, sending.retry.enabled.at)
  return cite(`until failover: ${first} waits for its timeout`, ['slow-failover', 'no-timeout'], first, sending?.timeout?.at)
}

/** When a gRPC client of the level had its connection again. */
function dialedAfter({ at, expected, firstAt, endsAt }: Turn, { dialed }: Run, failover: Failover): number | undefined {
  const level = failover.levels[expected]
  const times = (level ? exportersOf(level) : []).flatMap(id => firstFrom(dialed.get(id) ?? [], at) ?? [])
  return times.find(time => time <= (firstAt ?? endsAt))
}

/** The first of ascending numbers that is at least `least`. */
function firstFrom(ascending: readonly number[], least: number): number | undefined {
  let [low, high] = [0, ascending.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] as number) < least) low = middle + 1
    else high = middle
  }
  return ascending[low]
}
