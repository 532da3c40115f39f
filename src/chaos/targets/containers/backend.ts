import type { Host } from '../../../core/host.ts'
import type { Container } from '../../../platforms/container.ts'
import type { Docker } from '../../../platforms/docker.ts'
import { Arrivals } from '../../arrivals.ts'
import type { Holding } from '../../holding.ts'
import type { TargetBackend } from '../../target.ts'
import type { ArrivalFile } from './arrival-files.ts'
import { ContainerSubject } from './subject.ts'

/** A container behind exporters, and the file that tells what has arrived in it. */
export class ContainerBackend extends ContainerSubject implements TargetBackend {
  readonly exporters: readonly string[]
  readonly file: ArrivalFile
  #clock: Host['clock']
  #arrivals: Arrivals
  #markedFrom = Number.POSITIVE_INFINITY
  #firstAt: number | undefined
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor({ name, exporters, container, file }: ContainerBackendPlan, run: string, docker: Docker, host: Host) {
    super(name, container, docker, host)
    this.exporters = exporters
    this.file = file
    this.#clock = host.clock
    this.#arrivals = new Arrivals(file.path, run, file.disk)
  }

  /** What is in the file by now is none of the run. */
  begin = (): Promise<void> => this.#arrivals.skipToEnd()

  mark(fromSequence: number): void {
    this.#markedFrom = fromSequence
    this.#firstAt = undefined
  }

  firstArrival = () => this.#firstAt

  async witness(): Promise<Holding> {
    await this.look()
    return this.#arrivals.witness
  }

  /** Reads what is new, unless it did so a moment ago: a run asks more often than a file is copied. */
  async look(): Promise<void> {
    if (this.#clock.now() - this.#lookedAt < this.file.everyMs) return
    this.#lookedAt = this.#clock.now()
    await this.#arrivals.read()
    if (this.#arrivals.witness.seen.highest >= this.#markedFrom) this.#firstAt ??= this.#clock.now()
  }

  close = (): Promise<void> => this.#arrivals.close()

  // A file exporter without `append` empties its file when it starts: what it holds is counted before.
  protected override beforeReturn = (): Promise<void> => this.#arrivals.readBeforeRestart()
}

export interface ContainerBackendPlan {
  readonly name: string
  readonly exporters: readonly string[]
  readonly container: Container
  readonly file: ArrivalFile
}
