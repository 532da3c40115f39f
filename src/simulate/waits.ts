import type { Failover, Graph } from '../collector/graph.ts'
import { sendingOf } from '../collector/sending.ts'
import { formatDuration } from '../core/duration.ts'
import { classicSettings } from '../model/settings.ts'
import { exportersOf } from '../outage/expected-level.ts'
import type { Cite, Cited } from './cite.ts'
import type { Why } from './result.ts'
import type { Run } from './run.ts'
import type { Scenario } from './scenario.ts'
import { seconds, type Turn } from './transitions.ts'

/** Waits that are shorter than this need no reason. */
const NOTABLE_MS = 250

/** What the times until the right level were spent on, the longest first. */
export function waitsOf(run: Run, graph: Graph, failover: Failover, scenario: Scenario, cite: Cite): Why[] {
  return longest(run.turns.flatMap(turn => waitOf(turn, { run, graph, failover, scenario, cite })))
}

interface Story {
  readonly run: Run
  readonly graph: Graph
  readonly failover: Failover
  readonly scenario: Scenario
  readonly cite: Cite
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

/** What the time until the level that should follow was spent on. */
function waitOf(turn: Turn, story: Story): Why[] {
  const passed = (turn.firstAt ?? turn.endsAt) - turn.at
  if (turn.expected < 0 || passed < NOTABLE_MS) return []
  const isDown = turn.before >= 0 && turn.expected > turn.before
  return isDown ? [wait(passed, failoverWait(turn, story))] : recoveryWaits(turn, passed, story)
}

const wait = (ms: number, cited: Cited): Why => ({ kind: 'wait', count: null, seconds: Math.round(ms) / 1000, ...cited })

/** First for a connection, then for a tick that tries the level. */
function recoveryWaits(turn: Turn, passed: number, { run, graph, failover, cite }: Story): Why[] {
  const { expected, at, firstAt } = turn
  const { id } = failover.component
  const dialed = dialedAfter(turn, run, failover)
  const dialing = dialed === undefined ? 0 : dialed - at
  const ticking = passed - dialing
  const tick = `until a tick of retry_interval (${formatDuration(failover.retryInterval.value)}) and a batch tried level ${expected}`
  const what = firstAt === undefined ? neverBack(expected, graph, failover) : tick
  const grpc = `until its gRPC client dialed again: level ${expected} was back and not seen`
  return [
    ...(dialing >= NOTABLE_MS ? [wait(dialing, cite(grpc, ['recovery-waits-for-grpc'], id))] : []),
    ...(ticking >= NOTABLE_MS ? [wait(ticking, cite(what, ['slow-recovery'], id, failover.retryInterval.at))] : []),
  ]
}

function neverBack(level: number, graph: Graph, failover: Failover): string {
  const { maxRetries = 0, zeroBlocks = false } = classicSettings(failover, graph.version) ?? {}
  if (maxRetries > 0)
    return `until the end: no trial succeeded, and a level that failed max_retries (${maxRetries}) of them is never tried again`
  if (zeroBlocks) return 'until the end: before 0.116 max_retries 0 means that no level is ever tried again'
  const interval = formatDuration(failover.retryInterval.value)
  return `until the end: no batch at a tick of retry_interval (${interval}) was taken by level ${level}`
}

function failoverWait(turn: Turn, { run, graph, failover, scenario, cite }: Story): Cited {
  const level = failover.levels[Math.max(0, turn.before)]
  const [first = failover.component.id] = level ? exportersOf(level) : []
  const exporter = graph.components.exporters.get(first)
  const sending = exporter && sendingOf(exporter)
  const timeoutMs = sending?.timeout?.value ?? 0
  if (turn.firstAt === undefined && timeoutMs >= scenario.senderTimeoutMs && allFailed(turn, run))
    return cite(
      `no failover: senders give up after ${formatDuration(scenario.senderTimeoutMs)}, before the timeout of ${first} (${formatDuration(timeoutMs)}), and what they give up is cancelled on every level`,
      ['sender-gives-up-first'],
      first,
      sending?.timeout?.at,
    )
  if (turn.firstAt === undefined)
    return cite(
      `no failover: the error of ${first} never reaches ${failover.component.id}`,
      ['batch-hides-errors', 'queue-hides-errors', 'retry-delays-failover', 'no-timeout', 'any-error-fails-over', 'same-backend'],
      first,
    )
  if (sending?.queue?.enabled.value)
    return cite(`until failover: the queue of ${first} takes everything until it is full`, ['queue-hides-errors'], first)
  if (sending?.retry?.enabled.value)
    return cite(`until failover: ${first} tries again first`, ['retry-delays-failover'], first, sending.retry.enabled.at)
  return cite(
    `until failover: ${first} waits for its timeout`,
    ['slow-failover', 'sender-gives-up-first', 'no-timeout'],
    first,
    sending?.timeout?.at,
  )
}

/** Whether the connector had no level left although one of them worked. */
const allFailed = ({ at, endsAt }: Turn, { measured }: Run): boolean =>
  measured.levels.some(({ level, at_s }) => level < 0 && at_s >= seconds(at) && at_s < seconds(endsAt))

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
