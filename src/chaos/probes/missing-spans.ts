import type { SendLedger } from '../../otlp/ledger.ts'
import type { RunView } from '../events.ts'
import type { TargetBackend } from '../target.ts'

/** Which acknowledged spans are at no backend yet, and since when. */
export class MissingSpans {
  #backends: readonly TargetBackend[]
  #rate: number
  /** Everything below has its answer, and is there where it was acknowledged. */
  #from = 1

  /** `rate`: spans per second, which tells when each was due. */
  constructor(backends: readonly TargetBackend[], rate: number) {
    this.#backends = backends
    this.#rate = rate
  }

  /** undefined where a backend counts and does not say which spans it has. Seconds from the start of traffic. */
  async look({
    ledger,
  }: RunView): Promise<{ readonly oldestDueAt: number | undefined; missing(before: number): number } | undefined> {
    // In this order: what is acknowledged after the backends were asked must not look missing.
    const acknowledged = [...ledger.acknowledged.ranges()]
    const holdings = await Promise.all(this.#backends.map(backend => backend.witness()))
    const sets = holdings.flatMap(holding => ('seen' in holding ? [holding.seen] : []))
    if (sets.length < holdings.length) return undefined
    const absent: number[] = []
    for (const [from, to] of acknowledged) {
      for (let sequence = Math.max(from, this.#from); sequence <= to; sequence++) {
        if (!sets.some(seen => seen.has(sequence))) absent.push(sequence)
      }
    }
    this.#settle(ledger, absent[0] ?? (acknowledged.at(-1)?.[1] ?? 0) + 1)
    const dueAt = (sequence: number) => (sequence - 1) / this.#rate
    const [first] = absent
    return {
      oldestDueAt: first === undefined ? undefined : dueAt(first),
      missing: before => absent.filter(sequence => dueAt(sequence) < before).length,
    }
  }

  /** What is there needs no second look. A span without an answer may still be acknowledged. */
  #settle({ acknowledged, refused, unknown }: SendLedger, end: number): void {
    const isAnswered = (sequence: number) => [acknowledged, refused, unknown].some(set => set.has(sequence))
    while (this.#from < end && isAnswered(this.#from)) this.#from++
  }
}
