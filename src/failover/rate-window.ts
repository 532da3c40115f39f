const BUCKETS = 10

/** Calls and failures of the last `windowMs`, within a tenth of it, in constant memory. */
export class RateWindow {
  readonly #bucketMs: number
  readonly #calls = new Uint32Array(BUCKETS)
  readonly #failed = new Uint32Array(BUCKETS)
  #bucket = 0
  calls = 0
  failed = 0

  constructor(windowMs: number) {
    this.#bucketMs = windowMs / BUCKETS
  }

  record(worked: boolean, now: number): void {
    this.advance(now)
    const at = this.#bucket % BUCKETS
    this.#calls[at]!++
    this.calls++
    if (worked) return
    this.#failed[at]!++
    this.failed++
  }

  /** Lets go of what is older than the window by now. */
  advance(now: number): void {
    const bucket = Math.floor(now / this.#bucketMs)
    if (bucket !== this.#bucket) this.#moveTo(bucket)
  }

  clear(): void {
    this.#calls.fill(0)
    this.#failed.fill(0)
    this.calls = 0
    this.failed = 0
  }

  // Each bucket between is emptied, so that what failed before an idle hour is not taken for the last seconds.
  #moveTo(bucket: number): void {
    if (bucket - this.#bucket >= BUCKETS || bucket < this.#bucket) this.clear()
    else for (let next = this.#bucket + 1; next <= bucket; next++) this.#empty(next % BUCKETS)
    this.#bucket = bucket
  }

  #empty(at: number): void {
    this.calls -= this.#calls[at]!
    this.failed -= this.#failed[at]!
    this.#calls[at] = 0
    this.#failed[at] = 0
  }
}
