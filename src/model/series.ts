/** A run as curves, computed or measured. Bucket `i` is from `i * bucket_s` to `(i + 1) * bucket_s`. */
export interface Series {
  readonly bucket_s: number
  readonly buckets: number
  /** Spans per second that each backend took, by name. */
  readonly delivered: readonly { readonly backend: string; readonly level: number | null; readonly rate: readonly number[] }[]
  /** Spans per second, by the instant of the answer. */
  readonly acknowledged: readonly number[]
  readonly refused: readonly number[]
  /** Spans that were lost in the bucket. */
  readonly lost: readonly number[]
  /** The fullest that each queue was in each bucket, in units of its sizer. */
  readonly queues: readonly QueueSeries[]
}

export interface QueueSeries {
  readonly owner: string
  readonly signal: string
  readonly sizer: 'requests' | 'items' | 'bytes'
  readonly capacity: number
  readonly peak: readonly number[]
}
