import type { Summary, Tally } from './seams.ts'

const plus = (one: Tally, other: Tally): Tally => ({ lines: one.lines + other.lines, items: one.items + other.items })

/** Two runs, one after the other, as one: what the first left is the second's to read. */
export const addSummaries = (one: Summary, other: Summary): Summary => ({
  files: {
    found: Math.max(one.files.found, other.files.found),
    finished: one.files.finished + other.files.finished,
    moved: one.files.moved + other.files.moved,
  },
  read: plus(one.read, other.read),
  acknowledged: plus(one.acknowledged, other.acknowledged),
  rejected: plus(one.rejected, other.rejected),
  deadLettered: plus(one.deadLettered, other.deadLettered),
  skipped: plus(one.skipped, other.skipped),
  left: plus(one.left, other.left),
  unreadBytes: other.unreadBytes,
  possibleDuplicates: one.possibleDuplicates + other.possibleDuplicates,
  bySignal: {
    traces: one.bySignal.traces + other.bySignal.traces,
    metrics: one.bySignal.metrics + other.bySignal.metrics,
    logs: one.bySignal.logs + other.bySignal.logs,
  },
  requests: one.requests + other.requests,
  retries: one.retries + other.retries,
  bytes: one.bytes + other.bytes,
  elapsedMs: one.elapsedMs + other.elapsedMs,
  stopped: other.stopped,
  unreadable: other.unreadable,
})
