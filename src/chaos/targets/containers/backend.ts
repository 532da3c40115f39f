import type { Host } from '../../../core/host.ts'
import type { Container } from '../../../platforms/container.ts'
import type { Docker } from '../../../platforms/docker.ts'
import type { CountedHolding, Holding } from '../../holding.ts'
import type { TargetBackend } from '../../target.ts'
import type { ArrivalSource } from './arrival-source.ts'
import { type ContainerNetwork, ContainerSubject } from './subject.ts'

export interface ContainerBackendPlan {
  readonly name: string
  readonly exporters: readonly string[]
  readonly container: Container
  readonly network: ContainerNetwork
  readonly source: ArrivalSource
}

/** A container behind exporters, and what tells which spans have come to it. */
export class ContainerBackend extends ContainerSubject implements TargetBackend {
  readonly exporters: readonly string[]
  readonly source: ArrivalSource
  #clock: Host['clock']
  #firstAt: number | undefined
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor({ name, exporters, container, network, source }: ContainerBackendPlan, docker: Docker, host: Host) {
    super(name, container, network, docker, host)
    this.exporters = exporters
    this.source = source
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
