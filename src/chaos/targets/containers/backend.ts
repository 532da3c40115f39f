import type { Host } from '../../../core/host.ts'
import type { Docker } from '../../../platforms/docker.ts'
import type { CountedHolding, Holding } from '../../holding.ts'
import type { TargetBackend } from '../../target.ts'
import type { ArrivalSource } from './arrival-source.ts'
import { type ContainerPlan, ContainerSubject } from './subject.ts'

export interface ContainerBackendPlan extends ContainerPlan {
  readonly exporters: readonly string[]
  readonly source: ArrivalSource
}

/** A container behind exporters, and what tells which spans have come to it. */
export class ContainerBackend extends ContainerSubject implements TargetBackend {
  readonly exporters: readonly string[]
  readonly source: ArrivalSource
  #clock: Host['clock']
  #firstAt: number | undefined
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(plan: ContainerBackendPlan, docker: Docker, host: Host) {
    super(plan, docker, host)
    this.exporters = plan.exporters
    this.source = plan.source
    this.#clock = host.clock
  }

  mark(fromSequence: number): void {
    this.source.mark(fromSequence)
    this.#firstAt = undefined
  }

  firstArrival = () => this.#firstAt

  async witness(): Promise<Holding | CountedHolding> {
    await this.look()
    return this.source.holding
  }

  /** Looks for what is new, unless it did so a moment ago: a run asks more often than a file is copied. */
  async look(): Promise<void> {
    if (this.#clock.now() - this.#lookedAt < this.source.everyMs) return
    this.#lookedAt = this.#clock.now()
    await this.source.look()
    if (this.source.hasArrived) this.#firstAt ??= this.#clock.now()
  }

  protected override beforeReturn = (): Promise<void> => this.source.beforeReturn()
}
