import type { Series } from '../model/series.ts'
import type { Range } from '../otlp/sequence-set.ts'
import type { SendTimes } from './send-times.ts'

/** Counted so finely, and drawn as coarsely as there is something to see. */
const FINE_MS = 100
const MOST_BUCKETS = 240
/** A bucket in which no more than this arrives would only show chance. */
const FEWEST_SPANS = 10
const BUCKETS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600]

/** What arrived, and what the sender was told, over the time of a run. Clock milliseconds. */
export class Curves {
  #startedAt: number
  #arrived = new Map<string, number[]>()
  #acknowledged: number[] = []
  #refused: number[] = []
  #queues = new Map<string, { capacity: number; readonly peaks: number[] }>()
  #before = { acknowledged: 0, refused: 0 }

  constructor(startedAt: number) {
    this.#startedAt = startedAt
  }

  arrived(backend: string, at: number): void {
    const counts = this.#arrived.get(backend) ?? []
    this.#arrived.set(backend, counts)
    this.#add(counts, at, 1)
  }

  /** What the sender has been told until now. */
  told({ acknowledged, refused }: { readonly acknowledged: number; readonly refused: number }, at: number): void {
    this.#add(this.#acknowledged, at, acknowledged - this.#before.acknowledged)
    this.#add(this.#refused, at, refused - this.#before.refused)
    this.#before = { acknowledged, refused }
  }

  /** How full a queue is, in requests. */
  queued(owner: string, size: number, capacity: number, at: number): void {
    const queue = this.#queues.get(owner) ?? { capacity, peaks: [] }
    this.#queues.set(owner, queue)
    queue.capacity = capacity
    const index = this.#place(queue.peaks, at)
    queue.peaks[index] = Math.max(queue.peaks[index] as number, size)
  }

  /** `lost`: numbers that are, drawn where they were sent. `noticedWithinMs`: how late backends notice an arrival. */
  series(
    backends: readonly { readonly name: string; readonly level: number | null }[],
    lost: readonly Range[],
    times: SendTimes,
    until: number,
    { rate, noticedWithinMs }: { readonly rate: number; readonly noticedWithinMs: number },
  ): Series | undefined {
    if (this.#arrived.size === 0) return undefined
    const total = Math.max(1, until - this.#startedAt) / 1000
    const bucket_s =
      BUCKETS_S.find(
        size => total / size <= MOST_BUCKETS && size * 1000 >= noticedWithinMs && size * rate >= Math.min(FEWEST_SPANS, rate),
      ) ?? 3600
    const buckets = Math.ceil(total / bucket_s)
    const per = Math.round((bucket_s * 1000) / FINE_MS)
    const joined = (fine: readonly number[] = [], join = (a: number, b: number) => a + b) => {
      const all = Array.from({ length: buckets }, () => 0)
      for (const [index, count] of fine.entries()) {
        const bucket = Math.min(buckets - 1, Math.floor(index / per))
        all[bucket] = join(all[bucket] as number, count)
      }
      return all
    }
    const perSecond = (fine: readonly number[] | undefined) => joined(fine).map(count => count / bucket_s)
    return {
      bucket_s,
      buckets,
      delivered: backends.map(({ name, level }) => ({ backend: name, level, rate: perSecond(this.#arrived.get(name)) })),
      acknowledged: perSecond(this.#acknowledged),
      refused: perSecond(this.#refused),
      lost: joined(this.#whenSent(lost, times)),
      queues: Array.from(this.#queues, ([owner, { capacity, peaks }]) => ({
        ...{ owner, capacity, signal: 'traces', sizer: 'requests' as const },
        peak: joined(peaks, Math.max),
      })),
    }
  }

  #whenSent(lost: readonly Range[], times: SendTimes): number[] {
    const counts: number[] = []
    for (const [from, to] of lost)
      for (let number = from; number <= to; number++) this.#add(counts, times.of(number) ?? this.#startedAt, 1)
    return counts
  }

  #add(counts: number[], at: number, count: number): void {
    const index = this.#place(counts, at)
    counts[index] = (counts[index] as number) + count
  }

  #place(counts: number[], at: number): number {
    const index = Math.max(0, Math.floor((at - this.#startedAt) / FINE_MS))
    for (let next = counts.length; next <= index; next++) counts.push(0)
    return index
  }
}
