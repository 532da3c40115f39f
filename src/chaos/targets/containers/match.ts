import type { Graph } from '../../../collector/graph.ts'
import { listeningIn } from '../../../collector/listening.ts'
import { FailoverctlError } from '../../../core/errors.ts'
import type { Address } from '../../../core/host.ts'
import { backendsCalled } from '../../../outage/backend-names.ts'
import { type BackendPlan, endpointOf } from '../../../outage/backends.ts'
import type { Container } from '../../../platforms/container.ts'
import { isMeant } from './addresses.ts'
import type { Found } from './running-config.ts'

/** The one container that runs a config with these failover connectors; undefined where none does. Throws where several do. */
export function collectorAmong(found: readonly Found[], { failovers }: Graph): Found | undefined {
  const wanted = failovers.map(({ component }) => component.id)
  const running = found.filter(({ graph }) => wanted.every(id => graph?.failovers.some(({ component }) => component.id === id)))
  if (running.length <= 1) return running[0]
  throw new FailoverctlError(
    'wrong-use',
    `${wanted.join(' and ')} is in several containers: ${names(running)}`,
    'Say which one takes the traffic: `collector` under `docker` in failoverctl.yaml.',
  )
}

/** The plan that each word of the project file means, with what is said of it. Throws `unknown-backend`. */
export function described<T>(
  words: Readonly<Record<string, T>>,
  plans: readonly BackendPlan[],
  graph: Graph,
): Map<BackendPlan, T> {
  const named = plans.map(plan => ({ name: plan.name, plan, exporters: plan.exporters.map(({ id }) => id) }))
  return new Map(
    Object.entries(words).flatMap(([word, what]) =>
      backendsCalled(word, named, graph.failovers).map(({ plan }) => [plan, what] as const),
    ),
  )
}

/** The container that a plan's exporters send to, by the endpoint that the collector's own files and environment give. */
export function containerOf(plan: BackendPlan, found: readonly Found[], collector: Found | undefined): Found {
  const to = endpointFor(plan, collector?.graph)
  const others = found.filter(({ container }) => container.id !== collector?.container.id)
  const isIt = ({ container, graph }: Found) => to && isMeant({ from: collector?.container, to }, container, portsOf(graph))
  const meant = others.filter(isIt)
  if (meant.length === 1) return meant[0] as Found
  const exporters = plan.exporters.map(({ id }) => id).join(', ')
  const where = to && to.port > 0 ? `${to.host}:${to.port}` : 'no endpoint that can be read'
  throw new FailoverctlError(
    meant.length > 1 ? 'wrong-use' : 'no-such-object',
    meant.length > 1
      ? `${exporters} sends to ${where}, which is several containers (${names(meant)}): what arrives could not be counted`
      : `${exporters} sends to ${where}, and no container answers to that (there are ${names(others) || 'none besides'})`,
    `Say which one it is: \`backends: {${plan.name}: {container: …}}\` under \`docker\` in failoverctl.yaml.`,
  )
}

/** Where a plan's exporters send to, as the running collector has it where its config can be read. */
export function endpointFor({ exporters, endpoint }: BackendPlan, running: Graph | undefined): Address | undefined {
  const same = exporters.map(({ id }) => running?.components.exporters.get(id)).find(found => found !== undefined)
  return (same && endpointOf(same)) ?? endpoint
}

const portsOf = (graph: Graph | undefined): ReadonlySet<number> =>
  new Set(graph ? listeningIn(graph).map(({ port }) => port) : [])

const names = (found: readonly { readonly container: Container }[]): string =>
  found.map(({ container }) => container.name).join(', ')
