import type { BuiltQueue } from '../model/build.ts'
import type { QueueSeries, Series } from './result.ts'

const MOST_BUCKETS = 400
/** Lengths of a bucket that a person can read, in seconds. */
const NICE_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600]

const bucketFor = (lengthMs: number): number =>
  NICE_S.find(seconds => lengthMs / 1000 / seconds <= MOST_BUCKETS) ?? Math.ceil(lengthMs / 1000 / MOST_BUCKETS)

interface Curve {
  readonly amounts: Float64Array
  total: number
}

interface Watched {
  readonly of: BuiltQueue
  readonly peaks: Float64Array
  /** The bucket of the last change, and the size since then. */
  bucket: number
  size: number
  highest: number
}

type Counted = 'acknowledged' | 'refused' | 'lost'

/** Counts by time, in buckets: what a run looks like as curves. */
export class Recorder {
  readonly #bucketMs: number
  readonly #buckets: number
  readonly #curves: Record<Counted, Curve>
  readonly #delivered: readonly Curve[]
  readonly #all: readonly Curve[]
  readonly #queues: Map<string, Watched>

  constructor(lengthMs: number, backends: number, queues: readonly BuiltQueue[]) {
    this.#bucketMs = bucketFor(lengthMs) * 1000
    this.#buckets = Math.max(1, Math.ceil(lengthMs / this.#bucketMs))
    const curve = (): Curve => ({ amounts: new Float64Array(this.#buckets), total: 0 })
    this.#curves = { acknowledged: curve(), refused: curve(), lost: curve() }
    this.#delivered = Array.from({ length: backends }, curve)
    this.#all = [...Object.values(this.#curves), ...this.#delivered]
    this.#queues = new Map(
      queues.map(of => [
        queueKey(of.owner, of.signal),
        { of, peaks: new Float64Array(this.#buckets), bucket: 0, size: 0, highest: 0 },
      ]),
    )
  }

  count(what: Counted, at: number, spans: number): void {
    this.#add(this.#curves[what], at, spans)
  }

  deliver(backend: number, at: number, spans: number): void {
    this.#add(this.#delivered[backend] as Curve, at, spans)
  }

  queue(owner: string, signal: string, at: number, size: number): void {
    const watched = this.#queues.get(queueKey(owner, signal))
    if (!watched) return
    this.#carry(watched, at)
    watched.size = size
    watched.peaks[watched.bucket] = Math.max(watched.peaks[watched.bucket] as number, size)
    watched.highest = Math.max(watched.highest, size)
  }

  /** The fullest that any queue was, as a share of its capacity. */
  peakShare(): number {
    return Math.max(0, ...Array.from(this.#queues.values(), ({ of, highest }) => highest / of.capacity))
  }

  /** What each curve has counted so far, for `repeat`. */
  totals(): readonly number[] {
    return this.#all.map(({ total }) => total)
  }

  /** What each curve counts in a period comes `times` more, evenly from `from` to `until`. */
  repeat(period: readonly number[], times: number, from: number, until: number): void {
    for (const [index, curve] of this.#all.entries()) {
      const grown = (period[index] as number) * times
      if (grown === 0) continue
      curve.total += grown
      for (let bucket = this.#bucket(from); bucket <= this.#bucket(until); bucket++) {
        const [start, end] = [Math.max(from, bucket * this.#bucketMs), Math.min(until, (bucket + 1) * this.#bucketMs)]
        if (end > start) curve.amounts[bucket] = (curve.amounts[bucket] as number) + (grown * (end - start)) / (until - from)
      }
    }
    for (const watched of this.#queues.values()) {
      const top = Math.max(watched.size, watched.peaks[this.#bucket(from)] as number)
      for (let bucket = this.#bucket(from); bucket <= this.#bucket(until); bucket++)
        watched.peaks[bucket] = Math.max(watched.peaks[bucket] as number, top)
      watched.bucket = this.#bucket(until)
    }
  }

  series(backends: readonly { readonly name: string; readonly level: number | null }[]): Series {
    const perSecond = ({ amounts }: Curve) => Array.from(amounts, spans => round(spans / (this.#bucketMs / 1000)))
    for (const watched of this.#queues.values()) this.#carry(watched, this.#buckets * this.#bucketMs)
    return {
      bucket_s: this.#bucketMs / 1000,
      buckets: this.#buckets,
      delivered: backends.map(({ name, level }, index) => ({
        backend: name,
        level,
        rate: perSecond(this.#delivered[index] as Curve),
      })),
      acknowledged: perSecond(this.#curves.acknowledged),
      refused: perSecond(this.#curves.refused),
      lost: Array.from(this.#curves.lost.amounts, round),
      queues: Array.from(this.#queues.values(), ({ of: { owner, signal, sizer, capacity }, peaks }): QueueSeries => {
        return { owner, signal, sizer, capacity, peak: Array.from(peaks, round) }
      }),
    }
  }

  /** A queue that nobody touches stays as full as it is. */
  #carry(watched: Watched, at: number): void {
    const bucket = this.#bucket(at)
    for (let each = watched.bucket + 1; each <= bucket; each++)
      watched.peaks[each] = Math.max(watched.peaks[each] as number, watched.size)
    watched.bucket = bucket
  }

  #bucket(at: number): number {
    return Math.min(this.#buckets - 1, Math.max(0, Math.floor(at / this.#bucketMs)))
  }

  #add(curve: Curve, at: number, by: number): void {
    const bucket = this.#bucket(at)
    curve.amounts[bucket] = (curve.amounts[bucket] as number) + by
    curve.total += by
  }
}

const queueKey = (owner: string, signal: string) => `${owner}|${signal}`
const round = (value: number) => Math.round(value * 1000) / 1000
