import { formatDuration } from '../core/duration.ts'
import type { CollectorStatus, ConnectorStatus } from './status.ts'

/** Something that a person wants to know about when it happens. */
export interface WatchEvent {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly collector: string
  readonly kind: 'level' | 'problem' | 'readable' | 'restarted' | 'health' | 'queue' | 'clock' | 'came' | 'left'
  /** 0 nothing wrong, 1 look at it, 2 act. */
  readonly gravity: 0 | 1 | 2
  readonly text: string
  readonly connector?: string
  readonly level?: number | undefined
}

const FULL = 0.8
const CLOCKS_DIFFER_MS = 5000

/** What has changed between two looks; the first one has nothing before it. */
export function eventsBetween(before: CollectorStatus | undefined, now: CollectorStatus, at: number): WatchEvent[] {
  const event = (kind: WatchEvent['kind'], gravity: WatchEvent['gravity'], text: string): WatchEvent => ({
    at,
    collector: now.name,
    kind,
    gravity,
    text,
  })
  if (now.problem) return before?.problem?.message === now.problem.message ? [] : [event('problem', 2, now.problem.message)]
  const found: WatchEvent[] = []
  if (before?.problem) found.push(event('readable', 0, 'can be read again'))
  if (now.restarted) found.push(event('restarted', 1, `was started anew, ${formatDuration((now.uptimeS ?? 0) * 1000)} ago`))
  if (now.health !== (before?.health ?? 'unknown')) {
    if (now.health === 'not-ok') found.push(event('health', 2, 'its health check says no'))
    else if (now.health === 'no-answer') found.push(event('health', 2, 'its health check does not answer'))
    else if (now.health === 'ok' && before) found.push(event('health', 0, 'its health check says yes'))
  }
  const ahead = now.clockAheadMs ?? 0
  if (Math.abs(ahead) >= CLOCKS_DIFFER_MS && Math.abs(before?.clockAheadMs ?? 0) < CLOCKS_DIFFER_MS)
    found.push(event('clock', 1, `its clock is ${formatDuration(Math.abs(ahead))} ${ahead > 0 ? 'ahead' : 'behind'}`))
  const earlier = new Map(before?.connectors.map(connector => [connector.id, connector]))
  for (const connector of now.connectors) found.push(...ofConnector(earlier.get(connector.id), connector, event))
  return found
}

function* ofConnector(
  before: ConnectorStatus | undefined,
  { id, level, evidence, queue }: ConnectorStatus,
  event: (kind: WatchEvent['kind'], gravity: WatchEvent['gravity'], text: string) => WatchEvent,
): Generator<WatchEvent> {
  if (level !== undefined && level !== before?.level) {
    const from = before?.level === undefined ? '' : `level ${before.level} → `
    const to = level < 0 ? 'ALL LEVELS FAILED' : `level ${level}`
    yield {
      ...event('level', level < 0 ? 2 : level > 0 ? 1 : 0, `${id}: ${from}${to} (${evidence})`),
      connector: id,
      level,
    }
  }
  const fill = (found: ConnectorStatus['queue']) => (found?.capacity ? found.size / found.capacity : 0)
  if (fill(queue) >= FULL && fill(before?.queue) < FULL)
    yield event('queue', 2, `the queue of ${id} is ${Math.round(100 * fill(queue))}% full`)
}
