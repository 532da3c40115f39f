import type { Assertion, Figures, Spread } from '../../experiment/figures.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { Series, Simulation } from '../../simulate/result.ts'

/** What a page shows of one outage, computed or real; what was not measured is left out. */
export interface PageContent {
  /** `computed` by simulate, or `measured` by chaos. */
  readonly how: 'computed' | 'measured'
  readonly outcome: Outcome
  readonly series?: Series | undefined
  readonly why: Simulation['why']
  /** One entry a run; empty for a single one. */
  readonly runs: readonly Figures[]
  readonly spread?: Readonly<Record<string, Spread>> | undefined
  readonly assertions: readonly Assertion[]
  /** What was asked for, one line each: `500 spans/s for 10m`. */
  readonly given: readonly string[]
}
