import type { Clock } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import type { Answer, Arrival, Receive } from './arrival.ts'
import type { Fault } from './parse-fault.ts'
import { isOn, nextChange } from './schedule.ts'

interface World {
  readonly clock: Clock
  readonly random: Random
  /** Told whenever the port is to be closed or opened. */
  readonly onPort: (open: boolean) => Promise<void>
}

const TRY_AGAIN_MS = 500

/** The faults of a receiver: which are on now, and what they make of a request. */
export class Misbehaviour {
  #world: World
  #receive: Receive
  #faults: readonly Fault[] = []
  #startedAt = 0
  /** The faults that are on, each with what ends the waiting for its end. */
  #active = new Map<Fault, { readonly over: Promise<void>; readonly end: () => void }>()
  #cancel = () => {}
  #isOpen = true
  #closing = new AbortController()

  /** `receive` is how the receiver behaves without faults. */
  constructor(receive: Receive, world: World) {
    this.#receive = receive
    this.#world = world
  }

  /** Those that are on now. */
  get active(): Fault[] {
    return [...this.#active.keys()]
  }

  /** Whether every request is sent away or kept waiting now. */
  get delays(): boolean {
    return this.active.some(({ behaviour, chance }) => behaviour.delays && chance === 1)
  }

  /** From now on these faults, by their schedules; none is to behave. Settles when the port is as they want it. */
  async become(faults: readonly Fault[]): Promise<void> {
    this.#faults = faults
    this.#startedAt = this.#world.clock.now()
    await this.#update()
  }

  /** No fault comes or goes any more, and what waits in one gets no answer. */
  close(): void {
    this.#cancel()
    this.#closing.abort()
  }

  /** The request meets each fault that is on, in their order. */
  receive = (arrival: Arrival): Promise<Answer> => {
    const { clock, random } = this.#world
    let receive = this.#receive
    for (const fault of this.#faults.toReversed()) {
      const active = this.#active.get(fault)
      if (!active || (fault.chance < 1 && random() >= fault.chance)) continue
      receive = fault.behaviour.wrap(receive, {
        clock,
        random,
        over: active.over,
        again: this.receive,
        closing: this.#closing.signal,
      })
    }
    return receive(arrival)
  }

  async #update(): Promise<void> {
    this.#cancel()
    const elapsed = this.#world.clock.now() - this.#startedAt
    this.#switch(new Set(this.#faults.filter(({ when }) => isOn(when, elapsed))))
    const next = Math.min(...this.#faults.map(({ when }) => nextChange(when, elapsed)))
    if (next < Number.POSITIVE_INFINITY) {
      this.#updateAfter(next - elapsed)
    }
    const open = !this.active.some(({ behaviour, chance }) => behaviour.closesPort && chance === 1)
    if (open === this.#isOpen) return
    this.#isOpen = open
    await this.#world.onPort(open).catch(error => {
      this.#isOpen = !open
      throw error
    })
  }

  // Somebody may have taken the port meanwhile, and may give it back.
  #updateAfter(ms: number): void {
    this.#cancel = this.#world.clock.timer(ms, () => void this.#update().catch(() => this.#updateAfter(TRY_AGAIN_MS)))
  }

  #switch(wanted: ReadonlySet<Fault>): void {
    for (const [fault, { end }] of [...this.#active]) {
      if (wanted.has(fault)) continue
      this.#active.delete(fault)
      end()
    }
    for (const fault of wanted) {
      if (this.#active.has(fault)) continue
      let end = () => {}
      const over = new Promise<void>(resolve => {
        end = resolve
      })
      this.#active.set(fault, { over, end })
    }
  }
}
