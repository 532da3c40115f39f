import type { WishedProbe } from '../experiment/probe-wish.ts'
import type { WishedCommand } from '../experiment/read-experiment.ts'
import { exportersOf } from '../outage/expected-level.ts'
import type { PlannedFault } from './experiment.ts'
import type { Plan } from './plan.ts'
import { lowestExpected, type ReadyFault } from './preflight.ts'
import type { Target } from './target.ts'

/** What an experiment is going to do, for a person and for programs. Times in seconds. */
export interface DryRun {
  readonly target: string
  readonly config: string
  readonly traffic: { readonly to: string; readonly spans_per_second: number; readonly spans_per_request: number }
  /** null: the config has no failover connector. */
  readonly connector: string | null
  readonly levels: readonly (readonly string[])[]
  /** Where the traffic goes while all faults are there; -1: nowhere. */
  readonly lowest_level: number
  readonly faults: readonly DryFault[]
  readonly max_fault_s: number
  readonly failover_within_s: number
  readonly recover_within_s: number
  readonly max_lost: number
  readonly claims: readonly string[]
  readonly probes: readonly {
    readonly name: string
    readonly expected: string
    readonly when: string
    readonly aborts: boolean
  }[]
  readonly rollbacks: readonly string[]
  readonly controls: readonly string[]
  readonly runs: number
  readonly seed: number
  readonly notes: readonly string[]
}

export interface DryFault {
  readonly kind: string
  readonly on: string
  /** `once the state is steady`, `at 60s`. */
  readonly from: string
  readonly until: string
  /** null: it ends with failoverctl itself. */
  readonly undo_by_hand: string | null
}

export interface DryRunOf {
  readonly plan: Plan
  readonly target: Target
  /** undefined where nothing was looked at. */
  readonly ready: readonly ReadyFault[] | undefined
  readonly named: { readonly target: string; readonly config: string; readonly trafficTo: string }
  readonly claims: readonly string[]
  readonly probes: readonly WishedProbe[]
  readonly abortOn: readonly string[]
  readonly rollbacks: readonly WishedCommand[]
  readonly controls: readonly (WishedCommand & { readonly when: string })[]
  readonly runs: number
}

export function dryRun(of: DryRunOf): DryRun {
  const { plan, target, ready, named } = of
  const { experiment, failover } = plan
  const byHand = new Map(ready?.map(each => [each.fault, each.byHand]))
  return {
    target: named.target,
    config: named.config,
    traffic: { to: named.trafficTo, spans_per_second: experiment.rate, spans_per_request: experiment.spansPerRequest },
    connector: failover?.component.id ?? null,
    levels: failover?.levels.map(exportersOf) ?? [],
    lowest_level: lowestExpected(plan, target),
    faults: experiment.faults.map(fault => ({
      kind: fault.kind,
      on: fault.on,
      ...windowOf(fault, experiment.holdMs),
      undo_by_hand: byHand.get(fault) ?? null,
    })),
    max_fault_s: experiment.maxFaultMs / 1000,
    failover_within_s: experiment.failoverWithinMs / 1000,
    recover_within_s: experiment.recoverWithinMs / 1000,
    max_lost: experiment.maxLost,
    claims: of.claims,
    probes: of.probes.map(({ name, probe, tolerance, when }) => ({
      name,
      expected: `${probe} ${tolerance.text}`,
      when,
      aborts: of.abortOn.includes(name),
    })),
    rollbacks: of.rollbacks.map(({ name }) => name),
    controls: of.controls.map(({ name, when }) => `${name} (${when})`),
    runs: of.runs,
    seed: experiment.seed,
    notes: target.notes,
  }
}

const seconds = (ms: number) => `${Math.round(ms) / 1000}s`

function windowOf({ atMs, untilMs, lastsMs, kind }: PlannedFault, holdMs: number): Pick<DryFault, 'from' | 'until'> {
  const from = atMs === undefined ? 'once the state is steady' : `at ${seconds(atMs)}`
  if (untilMs === Number.POSITIVE_INFINITY) return { from, until: 'until the ledger is read' }
  if (untilMs !== undefined) return { from, until: `until ${seconds(untilMs)}` }
  if (lastsMs === 0) return { from, until: 'started again at once' }
  if (lastsMs !== undefined) return { from, until: `for ${seconds(lastsMs)}` }
  const held = `for ${seconds(holdMs)} after the level that should follow`
  return { from, until: atMs === undefined || kind === 'crash' ? held : `for ${seconds(holdMs)}` }
}
