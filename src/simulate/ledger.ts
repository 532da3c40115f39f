import type { LedgerSummary } from '../model/outcome.ts'

/** What the sender knows of a request, in the lowest bits of its flags; 0 before it is sent. */
const OPEN = 1
export const ACKNOWLEDGED = 2
export const REFUSED = 3
export const UNKNOWN = 4

type Status = typeof OPEN | typeof ACKNOWLEDGED | typeof REFUSED | typeof UNKNOWN

const STATUS_BITS = 3
const STATUS_MASK = (1 << STATUS_BITS) - 1
/** As many as the flags of a request have bits for. */
export const MOST_BACKENDS = 32 - STATUS_BITS
const MOST_REASONS = 255

/** Why acknowledged data was given up. */
export interface LossReason {
  /** The exporter, connector, processor or backend that had it last. */
  readonly by: string
  readonly error: string
}

export interface Losses extends LossReason {
  /** Spans. */
  count: number
}

/**
 * What became of every request, by its number from 0, in five bytes each. All spans of a request share its fate.
 * Totals are kept as it goes and count spans.
 */
export class Ledger {
  readonly totals: { sent: number; acknowledged: number; refused: number; unknown: number; duplicated: number }
  readonly delivered: number[]
  #flags: Uint32Array
  #reasons: Uint8Array
  #known: LossReason[] = [{ by: '', error: '' }]
  #ids = new Map<string, number>()
  #spans: number
  #backends: readonly string[]

  constructor(requests: number, spansPerRequest: number, backends: readonly string[]) {
    this.#flags = new Uint32Array(requests)
    this.#reasons = new Uint8Array(requests)
    this.#spans = spansPerRequest
    this.#backends = backends
    this.totals = { sent: 0, acknowledged: 0, refused: 0, unknown: 0, duplicated: 0 }
    this.delivered = backends.map(() => 0)
  }

  send(request: number): void {
    this.#flags[request] = OPEN
    this.totals.sent += this.#spans
  }

  settle(request: number, status: Exclude<Status, typeof OPEN>): void {
    const flags = this.#flags[request] as number
    if ((flags & STATUS_MASK) === status) return
    this.#count(flags & STATUS_MASK, -this.#spans)
    this.#flags[request] = (flags & ~STATUS_MASK) | status
    this.#count(status, this.#spans)
  }

  /** False when this backend had it already. */
  deliver(request: number, backend: number): boolean {
    const flags = this.#flags[request] as number
    const bit = 1 << (backend + STATUS_BITS)
    if (flags & ~STATUS_MASK) this.totals.duplicated += this.#spans
    if (flags & bit) return false
    this.#flags[request] = flags | bit
    this.delivered[backend] = (this.delivered[backend] as number) + this.#spans
    return true
  }

  /** A copy was given up; a loss where it was acknowledged and is nowhere else. Answers whether it looks like one now. */
  drop(request: number, reason: LossReason): boolean {
    this.#reasons[request] = this.#idOf(reason)
    return (this.#flags[request] as number) === ACKNOWLEDGED
  }

  /** The backend has it no longer: a file was emptied or deleted. Answers with the requests that are now nowhere. */
  forget(from: number, to: number, backend: number, reason: LossReason): number {
    const bit = 1 << (backend + STATUS_BITS)
    const id = this.#idOf(reason)
    let gone = 0
    for (let request = from; request <= to; request++) {
      const flags = this.#flags[request] as number
      if (!(flags & bit)) continue
      this.#flags[request] = flags & ~bit
      this.delivered[backend] = (this.delivered[backend] as number) - this.#spans
      this.#reasons[request] = id
      if (this.#flags[request] === ACKNOWLEDGED) gone++
    }
    return gone
  }

  /** Whether these requests have one and the same fate; what has the same fate can be repeated. */
  areAlike(from: number, to: number): boolean {
    const flags = this.#flags[from]
    for (let request = from; request < to; request++)
      if (this.#flags[request] !== flags || this.#reasons[request] !== this.#reasons[from]) return false
    return flags !== undefined && (flags & STATUS_MASK) !== OPEN
  }

  /** Gives `count` requests the fate of request `like`; their totals are the caller's. */
  repeat(like: number, from: number, count: number): void {
    this.#flags.fill(this.#flags[like] as number, from, from + count)
    this.#reasons.fill(this.#reasons[like] as number, from, from + count)
  }

  /** `held`: the requests that still wait in a queue. */
  summary(sent: number, held: ReadonlySet<number>): { readonly ledger: LedgerSummary; readonly losses: readonly Losses[] } {
    const losses = new Map<number, Losses>()
    const ranges: [number, number][] = []
    let [lost, queued] = [0, 0]
    for (let request = 0; request < sent; request++) {
      if (this.#flags[request] !== ACKNOWLEDGED) continue
      if (held.has(request)) {
        queued += this.#spans
        continue
      }
      lost += this.#spans
      const reason = this.#reasons[request] as number
      const found = losses.get(reason) ?? { ...(this.#known[reason] as LossReason), count: 0 }
      losses.set(reason, found)
      found.count += this.#spans
      const [first, last] = [request * this.#spans + 1, (request + 1) * this.#spans]
      const range = ranges.at(-1)
      if (range && range[1] === first - 1) range[1] = last
      else ranges.push([first, last])
    }
    const delivered = Object.fromEntries(this.#backends.map((name, index) => [name, this.delivered[index] as number]))
    const open = this.totals.sent - this.totals.acknowledged - this.totals.refused - this.totals.unknown
    return {
      ledger: { ...this.totals, unknown: this.totals.unknown + open, delivered, lost, queued, lost_ranges: ranges },
      losses: [...losses.values()].sort((a, b) => b.count - a.count),
    }
  }

  #count(status: number, by: number): void {
    if (status === ACKNOWLEDGED) this.totals.acknowledged += by
    else if (status === REFUSED) this.totals.refused += by
    else if (status === UNKNOWN) this.totals.unknown += by
  }

  #idOf({ by, error }: LossReason): number {
    const key = `${by}\n${error}`
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    if (this.#known.length > MOST_REASONS) return MOST_REASONS
    const id = this.#known.push({ by, error }) - 1
    this.#ids.set(key, id)
    return id
  }
}
