import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'
import type { Snapshot } from '../replay/progress.ts'
import type { ReplayEvent } from '../replay/seams.ts'
import { shownPath } from './shown-path.ts'

export type ShownEvent = ReplayEvent | ({ readonly kind: 'progress' } & Snapshot)

/** One event as a line of JSON; nothing for those that come thousands of times a second and are summed up in `progress`. */
export function eventLine(event: ShownEvent, now: number): string {
  if (event.kind === 'read' || (event.kind === 'answer' && event.verdict.kind === 'accepted')) return ''
  const at_s = Math.round(now) / 1000
  return `${JSON.stringify({ at_s, ...event }, (_, value) => (value instanceof Map ? Object.fromEntries(value) : value))}\n`
}

/** What a person wants to know at once; nothing for the rest. */
export function noteOf(event: ReplayEvent, paint: Painter): string {
  switch (event.kind) {
    case 'dead-letter':
      return paint.yellow(`dead letter: ${shownPath(event.path)} at byte ${event.offset}: ${event.reason}\n`)
    case 'breaker':
      return event.state === 'half-open' ? '' : `breaker of ${event.endpoint} ${event.state}\n`
    case 'waiting':
      return `${event.endpoint} asks to wait ${formatDuration(event.ms)} (${event.reason})\n`
    case 'paused':
      return 'paused: SIGUSR2 resumes\n'
    case 'resumed':
      return 'resumed\n'
    case 'finished':
      return event.note === undefined ? '' : `${shownPath(event.path)}: ${event.note}\n`
    default:
      return ''
  }
}
