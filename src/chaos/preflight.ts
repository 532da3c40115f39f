import type { Graph } from '../collector/graph.ts'
import type { Clock } from '../core/clock.ts'
import { FailoverctlError } from '../core/errors.ts'
import { checkCapabilities } from './capabilities.ts'
import type { PlannedFault } from './experiment.ts'
import { prepare, subjectOf } from './faults.ts'
import { byHand } from './inverse.ts'
import { otherConfig } from './other-config.ts'
import type { Plan } from './plan.ts'
import { STEPS } from './steps/index.ts'
import type { Target } from './target.ts'

/** A fault that can be made, and how a person takes it back. */
export interface ReadyFault {
  readonly fault: PlannedFault
  /** undefined: it ends with this process. */
  readonly byHand: string | undefined
}

/**
 * Looks, and touches nothing: whether every fault can be made where it is meant, and whether the collector that runs is the one of
 * the config. Throws `not-embedded`, `no-answer`, `other-config`, and what subjects say who are not there.
 */
export async function preflight(plan: Plan, graph: Graph, target: Target, clock: Clock): Promise<ReadyFault[]> {
  checkCapabilities(plan, target)
  await checkRunning(graph, target)
  const ready: ReadyFault[] = []
  for (const fault of plan.experiment.faults) {
    const { inverse } = await prepare(subjectOf(target, fault.on), fault, clock)
    ready.push({ fault, byHand: inverse && byHand(inverse) })
  }
  return ready
}

async function checkRunning(graph: Graph, target: Target): Promise<void> {
  const samples = await target.scrape().catch(() => [])
  const from = target.metricsUrl ?? target.name
  if (samples.length === 0) {
    throw new FailoverctlError('no-answer', `no metrics at ${from}`, 'Is the collector running? --no-preflight goes on without.')
  }
  // A target that is made from its own description runs as it says.
  const difference = target.graph ? undefined : otherConfig(graph, samples)
  if (difference === undefined) return
  const hint = 'Name the config that it runs with, or go on with --no-preflight: what is expected comes from the config.'
  throw new FailoverctlError('other-config', `${from}: ${difference}`, hint)
}

/** The levels that should follow, in the order of the experiment, for a person to see before anything happens. */
export function lowestExpected({ experiment, timeoutOf, expectedLevel }: Plan, target: Target): number {
  const down = experiment.faults.filter(fault => STEPS[fault.kind].isDown(fault, timeoutOf(fault.on)))
  const names = new Set(down.map(({ on }) => on))
  const exporters = target.backends.filter(({ name }) => names.has(name)).flatMap(backend => backend.exporters)
  return expectedLevel(new Set(exporters))
}
