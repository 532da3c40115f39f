import type { Host } from '../../../core/host.ts'
import { Arrivals } from '../../arrivals.ts'
import type { Counters } from '../../counters.ts'
import type { PlannedFault } from '../../experiment.ts'
import type { CountedHolding, Holding } from '../../holding.ts'
import type { Deed, Prepared, TargetBackend } from '../../target.ts'
import type { KubernetesSubject } from './subject.ts'

/** A backend in the cluster: what can be done to its pods, and what tells of arrivals. */
export class KubernetesBackend implements TargetBackend {
  readonly name: string
  readonly exporters: readonly string[]
  #subject: KubernetesSubject
  #arrivals: Arrivals | undefined
  #counters: Counters | undefined
  #clock: Host['clock']
  #markedFrom = Number.POSITIVE_INFINITY
  #countedAtMark = 0
  #firstAt: number | undefined

  constructor(
    subject: KubernetesSubject,
    exporters: readonly string[],
    witness: { readonly arrivals?: string | undefined; readonly counters?: Counters | undefined },
    run: string,
    { clock, disk }: Pick<Host, 'clock' | 'disk'>,
  ) {
    this.name = subject.name
    this.exporters = exporters
    this.#subject = subject
    this.#clock = clock
    this.#counters = witness.counters
    if (witness.arrivals !== undefined) this.#arrivals = new Arrivals(witness.arrivals, run, disk)
  }

  get can(): ReadonlySet<Deed> {
    return this.#subject.can
  }
  get cannot() {
    return this.#subject.cannot
  }

  async begin(): Promise<void> {
    await this.#subject.ask()
    await this.#arrivals?.skipToEnd()
    await this.#counters?.look()
  }

  async prepare(deed: Deed, fault: PlannedFault): Promise<Prepared> {
    const prepared = await this.#subject.prepare(deed, fault)
    return {
      ...prepared,
      inject: async () => {
        // What its pods have counted goes with them.
        await this.look()
        await prepared.inject()
      },
      undo: async () => {
        await this.#arrivals?.readBeforeRestart()
        await prepared.undo()
      },
    }
  }

  mark(fromSequence: number): void {
    this.#markedFrom = fromSequence
    this.#countedAtMark = this.#counters?.holding.counted ?? 0
    this.#firstAt = undefined
  }

  firstArrival = () => this.#firstAt

  async look(): Promise<void> {
    await this.#arrivals?.read()
    await this.#counters?.look()
    const isNew = this.#arrivals
      ? this.#arrivals.witness.seen.highest >= this.#markedFrom
      : (this.#counters?.holding.counted ?? 0) > this.#countedAtMark
    if (isNew) this.#firstAt ??= this.#clock.now()
  }

  async witness(): Promise<Holding | CountedHolding> {
    await this.look()
    if (this.#arrivals) return this.#arrivals.witness
    return this.#counters?.holding ?? NO_WITNESS
  }

  close = (): Promise<void> => this.#arrivals?.close() ?? Promise.resolve()
}

const NO_WITNESS: CountedHolding = {
  counted: 0,
  off: 0,
  why: 'tells nothing',
  doubt: 'has no file of arrivals, and no single pod with counters',
}
