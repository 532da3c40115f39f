import type { Graph } from '../../collector/graph.ts'
import { FailoverctlError } from '../../core/errors.ts'
import { backendsCalled } from '../../outage/backend-names.ts'
import { type BackendPlan, groupByBackend } from '../../outage/backends.ts'
import { exportersOf } from '../../outage/expected-level.ts'

/**
 * Each backend of the config with what the project file says of it, under `section`. What a backend without a description takes could
 * not be counted, unless it `tells` so itself: throws `wrong-use`, and `unknown-backend` for a name that none has.
 */
export function describedPlans<T>(
  descriptions: Readonly<Record<string, T>>,
  graph: Graph,
  section: string,
  tells: (plan: BackendPlan) => boolean = () => false,
): [BackendPlan, T][] {
  const plans = backendPlans(graph)
  const named = plans.map(plan => ({ ...plan, plan, exporters: plan.exporters.map(({ id }) => id) }))
  const described = new Map<BackendPlan, T>()
  for (const [word, description] of Object.entries(descriptions)) {
    for (const { plan } of backendsCalled(word, named, graph.failovers)) described.set(plan, description)
  }
  const missing = plans.find(plan => !described.has(plan) && !tells(plan))
  if (!missing) return [...described]
  throw new FailoverctlError(
    'wrong-use',
    `${section} does not describe ${missing.name}: what arrives there could not be counted`,
    'schemas/project.schema.json says how a backend is described.',
  )
}

/** The places that the levels of the failover connectors send to. */
export const backendPlans = (graph: Graph): BackendPlan[] => groupByBackend(takingExporters(graph))

/** The exporters of all levels; of all pipelines where there is no failover connector. */
function takingExporters(graph: Graph) {
  const all = [...graph.components.exporters.values()]
  if (graph.failovers.length === 0) return all
  const concerned = new Set(graph.failovers.flatMap(({ levels }) => levels.flatMap(exportersOf)))
  return all.filter(({ id }) => concerned.has(id))
}
