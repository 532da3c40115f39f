import type { Painter } from '../core/paint.ts'
import { timestamp } from '../core/timestamp.ts'
import type { WatchEvent } from '../watch/events.ts'

/** An event as a line, for a log or a pipe. */
export function watchLine({ at, collector, gravity, text }: WatchEvent, paint: Painter): string {
  const colour = gravity === 2 ? paint.red : gravity === 1 ? paint.yellow : paint.green
  return `${paint.dim(timestamp(at))}  ${paint.bold(collector)}  ${colour(text)}\n`
}

/** The same as JSON, one line. */
export const watchJsonLine = ({ at, ...event }: WatchEvent): string => `${JSON.stringify({ at: timestamp(at), ...event })}\n`
