import type { Graph } from '../../collector/graph.ts'
import { FailoverctlError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import type { BackendPlan } from '../../outage/backends.ts'
import type { CountedHolding, Holding } from '../holding.ts'
import { DEEDS, type Deed, type Prepared, type TargetBackend } from '../target.ts'
import type { ArrivalSource } from './containers/arrival-source.ts'
import { jsonLinesPath } from './json-lines.ts'

/** The file that a level writes as JSON lines; undefined where its exporters send somewhere, or write otherwise. */
export function fileOf({ exporters }: BackendPlan): string | undefined {
  const [file, ...others] = exporters
  if (file?.type !== 'file' || others.length > 0) return undefined
  return jsonLinesPath(file)
}

/** Whether spans come to it: an experiment sends nothing else, and a file of another signal tells nothing. */
export const takesTraces = ({ pipelines }: Graph, { exporters }: BackendPlan): boolean =>
  [...pipelines.values()].some(
    pipeline =>
      pipeline.signal === 'traces' && pipeline.exporters.some(({ id }) => exporters.some(exporter => exporter.id === id)),
  )

const NO_PROGRAM = 'it is a file that the collector itself writes'

/** A level that is a file of the collector under test: there is nothing to make fail, and the file tells what has arrived. */
export class FileLevel implements TargetBackend {
  readonly name: string
  readonly exporters: readonly string[]
  readonly can: ReadonlySet<Deed> = new Set()
  readonly cannot = Object.fromEntries(DEEDS.map(deed => [deed, NO_PROGRAM]))
  readonly source: ArrivalSource
  #clock: Host['clock']
  #firstAt: number | undefined

  constructor({ name, exporters }: BackendPlan, source: ArrivalSource, { clock }: Pick<Host, 'clock'>) {
    this.name = name
    this.exporters = exporters.map(({ id }) => id)
    this.source = source
    this.#clock = clock
  }

  async prepare(deed: Deed): Promise<Prepared> {
    throw new FailoverctlError('not-embedded', `${this.name} cannot ${deed}: ${NO_PROGRAM}`)
  }

  mark(fromSequence: number): void {
    this.source.mark(fromSequence)
    this.#firstAt = undefined
  }

  firstArrival = () => this.#firstAt

  async look(): Promise<void> {
    await this.source.look()
    if (this.source.hasArrived) this.#firstAt ??= this.#clock.now()
  }

  async witness(): Promise<Holding | CountedHolding> {
    await this.look()
    return this.source.holding
  }

  close = (): Promise<void> => this.source.close()
}
