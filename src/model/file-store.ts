/**
 * What the file exporter keeps (contrib 0.161 fileexporter): one file, emptied when the collector starts unless `append` or
 * `rotation` says otherwise; with `rotation` a file that is full is renamed, and the oldest are deleted past `max_backups`.
 */
export interface FileSettings {
  readonly append: boolean
  /** Whether several files are written by `group_by`: they are opened to append. */
  readonly grouped: boolean
  readonly rotation: Rotation | undefined
  /** What the buffer may hold back; 0 with `rotation`, which writes at once. */
  readonly flushMs: number
}

export interface Rotation {
  readonly maxBytes: number
  /** 0 keeps all. */
  readonly maxBackups: number
  /** 0 keeps all. */
  readonly maxDays: number
}

/** A stretch of requests that were written one after the other: their numbers, both ends included. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** Newest first. */
export type Stretches = { readonly value: Stretch; readonly next: Stretches } | undefined

interface Segment {
  readonly bytes: number
  readonly stretches: Stretches
  readonly closedAt: number
}

export interface FileState {
  readonly current: Segment
  /** Oldest first. */
  readonly backups: readonly Segment[]
}

export const EMPTY_FILE: FileState = { current: { bytes: 0, stretches: undefined, closedAt: 0 }, backups: [] }

export interface Written {
  readonly state: FileState
  /** What is on disk no longer. */
  readonly deleted: readonly Stretch[]
}

/** `bytes` of the requests from `from` to `to` are added; a write that does not fit any more goes to a new file. */
export function write(settings: FileSettings, before: FileState, stretch: Stretch, bytes: number, at: number): Written {
  const { rotation } = settings
  const isFull = rotation && before.current.bytes > 0 && before.current.bytes + bytes > rotation.maxBytes
  const { state, deleted } = isFull ? rotate(rotation, before, at) : { state: before, deleted: [] }
  const { current } = state
  return {
    state: { ...state, current: { ...current, bytes: current.bytes + bytes, stretches: grown(current.stretches, stretch) } },
    deleted,
  }
}

/** How many more bytes the current file takes. */
export const roomIn = ({ rotation }: FileSettings, { current }: FileState): number =>
  rotation ? rotation.maxBytes - current.bytes : Number.POSITIVE_INFINITY

/** The collector has died and starts again: its buffer is gone, with the requests from `buffered` on, and perhaps the whole file. */
export function reopen({ append, grouped, rotation }: FileSettings, { current, backups }: FileState, buffered: number): Written {
  const all = listed(current.stretches)
  if (!append && !grouped && !rotation) return { state: EMPTY_FILE, deleted: all }
  if (rotation) return { state: { current, backups }, deleted: [] }
  const kept = all.filter(({ from }) => from < buffered).map(({ from, to }) => ({ from, to: Math.min(to, buffered - 1) }))
  const deleted = all.filter(({ to }) => to >= buffered).map(({ from, to }) => ({ from: Math.max(from, buffered), to }))
  const stretches = kept.reduceRight<Stretches>((next, value) => ({ value, next }), undefined)
  return { state: { backups, current: { ...current, stretches } }, deleted }
}

function rotate({ maxBackups, maxDays }: Rotation, { current, backups }: FileState, at: number): Written {
  const all = [...backups, { ...current, closedAt: at }]
  const oldest = maxDays > 0 ? at - maxDays * 86_400_000 : Number.NEGATIVE_INFINITY
  const kept = all.slice(maxBackups > 0 ? -maxBackups : 0).filter(({ closedAt }) => closedAt >= oldest)
  return {
    state: { current: EMPTY_FILE.current, backups: kept },
    deleted: all.filter(segment => !kept.includes(segment)).flatMap(({ stretches }) => listed(stretches)),
  }
}

function grown(before: Stretches, next: Stretch): Stretches {
  if (!before || before.value.to + 1 !== next.from) return { value: next, next: before }
  return { value: { from: before.value.from, to: next.to }, next: before.next }
}

function listed(stretches: Stretches): Stretch[] {
  const found: Stretch[] = []
  for (let cell = stretches; cell; cell = cell.next) found.push(cell.value)
  return found
}
