import type { ReplayEvent, Summary } from './seams.ts'

export interface FileProgress {
  readonly path: string
  readonly bytes: number
  /** Bytes of it that were read; undefined where a packed file says more than it is large. */
  readonly at: number | undefined
}

/** How a replay stands at a moment. Rates are those of the last seconds; latencies of the last answers, in milliseconds. */
export interface Snapshot {
  readonly elapsedMs: number
  readonly files: { readonly found: number; readonly finished: number }
  /** The files that are read, or wait for their last answers. */
  readonly open: readonly FileProgress[]
  readonly bytes: { readonly total: number; readonly done: number }
  readonly acknowledged: { readonly lines: number; readonly items: number }
  readonly deadLetters: number
  readonly rejected: number
  readonly retries: number
  /** Of requests that were acknowledged. */
  readonly bytesPerSecond: number
  readonly itemsPerSecond: number
  /** undefined: too early to say, or nothing moves. */
  readonly leftMs: number | undefined
  readonly latencyMs: number | undefined
  /** By endpoint; only those that were heard of. */
  readonly breakers: ReadonlyMap<string, string>
  readonly paused: boolean
}

/** Rates are those of so many seconds: long enough to be calm, short enough to be true. */
const WINDOW_MS = 10_000
/** Each answer moves the shown latency by this share. */
const LATENCY_SHARE = 0.1
const STEP_MS = 250

interface Mark {
  readonly at: number
  /** Of the backup, read. */
  readonly done: number
  /** Acknowledged. */
  readonly bytes: number
  readonly items: number
}

/** Listens to a run, and can say at any moment how it stands. It is told the time in milliseconds. */
export class Progress {
  readonly #startedAt: number
  readonly #open = new Map<string, { bytes: number; at: number; isRead: boolean }>()
  readonly #breakers = new Map<string, string>()
  /** Of files that are put away, and of what an earlier run had settled. */
  #doneBytes = 0
  readonly #before = new Map<string, number>()
  #totalBytes = 0
  #found = 0
  #finished = 0
  #lines = 0
  #items = 0
  #bytes = 0
  #deadLetters = 0
  #rejected = 0
  #retries = 0
  #latencyMs: number | undefined
  #paused = false
  #marks: Mark[] = []

  constructor(now: number) {
    this.#startedAt = now
    this.#marks.push({ at: now, done: 0, bytes: 0, items: 0 })
  }

  hear(event: ReplayEvent, now: number): void {
    switch (event.kind) {
      case 'started':
        this.#start(event.files)
        break
      case 'file':
        this.#open.set(event.path, { bytes: event.bytes, at: this.#before.get(event.path) ?? 0, isRead: false })
        break
      case 'read':
        this.#read(event.path, event.at)
        break
      case 'answer':
        this.#answer(event)
        break
      case 'dead-letter':
        this.#deadLetters++
        break
      case 'rejected':
        this.#rejected += event.items
        break
      case 'breaker':
        this.#breakers.set(event.endpoint, event.state)
        break
      case 'paused':
      case 'resumed':
        this.#paused = event.kind === 'paused'
        break
      case 'finished':
        this.#finish(event.path)
        break
      default:
    }
    this.#mark(now)
  }

  at(now: number): Snapshot {
    this.#mark(now)
    const done = this.#done()
    const first = this.#marks[0] as Mark
    const seconds = Math.max(1, now - first.at) / 1000
    const readPerSecond = (done - first.done) / seconds
    const left = this.#totalBytes - done
    return {
      elapsedMs: now - this.#startedAt,
      files: { found: this.#found, finished: this.#finished },
      open: [...this.#open].map(([path, { bytes, at }]) => ({ path, bytes, at: at > bytes ? undefined : at })),
      bytes: { total: this.#totalBytes, done },
      acknowledged: { lines: this.#lines, items: this.#items },
      deadLetters: this.#deadLetters,
      rejected: this.#rejected,
      retries: this.#retries,
      bytesPerSecond: (this.#bytes - first.bytes) / seconds,
      itemsPerSecond: (this.#items - first.items) / seconds,
      leftMs: readPerSecond > 0 && !this.#paused && seconds >= 1 ? (left / readPerSecond) * 1000 : undefined,
      latencyMs: this.#latencyMs,
      breakers: this.#breakers,
      paused: this.#paused,
    }
  }

  #start(files: Extract<ReplayEvent, { kind: 'started' }>['files']): void {
    this.#found += files.length
    for (const { path, bytes, done } of files) {
      this.#totalBytes += bytes
      this.#before.set(path, done)
    }
    // What an earlier run did is no speed of this one.
    this.#marks = this.#marks.map(mark => ({ ...mark, done: this.#done() }))
  }

  #read(path: string, at: number): void {
    const file = this.#open.get(path)
    if (file) file.at = Math.max(file.at, at)
  }

  #answer({ verdict, latencyMs, lines, items, bytes }: Extract<ReplayEvent, { kind: 'answer' }>): void {
    this.#latencyMs = this.#latencyMs === undefined ? latencyMs : this.#latencyMs + LATENCY_SHARE * (latencyMs - this.#latencyMs)
    if (verdict.kind === 'accepted') {
      this.#lines += lines
      this.#bytes += bytes
      this.#items += items - verdict.rejected
    } else if (verdict.kind !== 'refused') this.#retries++
  }

  #finish(path: string): void {
    const file = this.#open.get(path)
    if (!file) return
    this.#open.delete(path)
    this.#before.delete(path)
    this.#doneBytes += file.bytes
    this.#finished++
  }

  #done(): number {
    let done = this.#doneBytes
    for (const { bytes, at } of this.#open.values()) done += Math.min(bytes, at)
    for (const [path, before] of this.#before) if (!this.#open.has(path)) done += before
    return done
  }

  #mark(now: number): void {
    const last = this.#marks.at(-1) as Mark
    if (now - last.at < STEP_MS) return
    this.#marks.push({ at: now, done: this.#done(), bytes: this.#bytes, items: this.#items })
    while ((this.#marks[1] as Mark | undefined) && now - (this.#marks[1] as Mark).at >= WINDOW_MS) this.#marks.shift()
  }
}

/** What a person does next, as far as a summary tells. */
export function nextSteps({
  stopped,
  left,
  unreadBytes,
  deadLettered,
  rejected,
  unreadable,
}: Summary): ('unreadable' | 'again' | 'dead-letters' | 'rejects')[] {
  return [
    ...(unreadable.length > 0 ? ['unreadable' as const] : []),
    ...(stopped !== undefined || left.lines > 0 || unreadBytes > 0 ? ['again' as const] : []),
    ...(deadLettered.lines > 0 ? ['dead-letters' as const] : []),
    ...(rejected.items > 0 ? ['rejects' as const] : []),
  ]
}
