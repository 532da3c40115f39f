import type { Failover, Graph } from '../../collector/graph.ts'
import type { Host } from '../../core/host.ts'
import type { WishedProbe } from '../../experiment/probe-wish.ts'
import type { RunView } from '../events.ts'
import type { Target } from '../target.ts'

/** What a probe may ask besides the run itself. */
export interface ProbeWorld {
  readonly host: Pick<Host, 'clock' | 'network' | 'tools' | 'env'>
  readonly target: Pick<Target, 'backends' | 'healthUrl'>
  readonly graph: Graph
  /** The connector that the experiment watches. */
  readonly failover: Failover | undefined
  /** Spans per second. */
  readonly rate: number
}

/** What a look found. `missing`: there was nothing to look at, which says nothing about the system; `failed`: it did badly. */
export type Seen =
  | { readonly found: number | string; readonly evidence?: string }
  | { readonly missing: string }
  | { readonly failed: string }

/** One thing that is looked at, and how. It holds what it needs from one look to the next. */
export interface Probe {
  /** For a person, without secrets: `queue of otlp/primary`. */
  readonly about: string
  readonly evidence: string
  /** Before the first look of a window: what has grown by then does not count. */
  begin?(view: RunView): void | Promise<void>
  /** `ends` breaks it off. */
  look(view: RunView, ends: AbortSignal): Promise<Seen>
}

/** Throws `bad-experiment` where it names something that is not there. */
export type MakeProbe = (wished: WishedProbe, world: ProbeWorld) => Probe
