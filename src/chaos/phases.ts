import type { Phase } from '../model/outcome.ts'

/** Spans that were sent one after the other in one phase. */
export interface Stretch {
  readonly phase: Phase
  /** Sequence numbers, both ends included. */
  readonly from: number
  readonly to: number
}

/** Which spans were sent before, during and after the faults. */
export class Phases {
  #starts: { readonly phase: Phase; readonly from: number }[] = [{ phase: 'steady', from: 1 }]

  get current(): Phase {
    return this.#starts.at(-1)?.phase ?? 'steady'
  }

  /** `from`: the next span to be sent is the first of it. */
  begin(phase: Phase, from: number): void {
    if (phase === this.current) return
    if (this.#starts.at(-1)?.from === from) this.#starts.pop()
    if (phase !== this.#starts.at(-1)?.phase) this.#starts.push({ phase, from })
  }

  of(sequence: number): Phase {
    return this.#starts.findLast(({ from }) => from <= sequence)?.phase ?? 'steady'
  }

  /** All spans up to number `sent`; a phase in which none was sent is not there. */
  stretches(sent: number): Stretch[] {
    return this.#starts
      .map(({ phase, from }, index) => ({ phase, from, to: Math.min(sent, (this.#starts[index + 1]?.from ?? sent + 1) - 1) }))
      .filter(({ from, to }) => from <= to)
  }
}
