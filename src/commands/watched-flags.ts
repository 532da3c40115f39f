import { type Command, Option } from 'commander'
import type { Graph } from '../collector/graph.ts'
import { listeningIn } from '../collector/listening.ts'
import { readGraph } from '../collector/read-graph.ts'
import type { Version } from '../collector/versions.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { decodeText } from '../source/decode-text.ts'
import { readConfig } from '../source/read-config.ts'
import { collectorsInCompose } from '../watch/compose.ts'
import { DEFAULT_PORTS, fixedSource, type Ports, type Source } from '../watch/source.ts'
import { parseWatched, type Watched, withOwnNames } from '../watch/watched.ts'
import { collectorVersionOption, configOption, projectOption } from './flags.ts'
import { durationFlag } from './values.ts'

/** Which collectors `status` and `watch` look at. */
export interface WatchedOptions {
  readonly collector: readonly string[]
  readonly compose?: string
  readonly kubernetes: boolean
  readonly selector?: string
  readonly namespace?: string
  readonly context?: string
  readonly config: readonly string[]
  readonly collectorVersion: Version
  readonly timeout: number
}

export const addWatchedFlags = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--collector <address>',
        'the metrics of one, as http://host:8888/metrics[,health=http://host:13133][,name=main]; repeat it',
      )
        .argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text])
        .default([], 'none'),
    )
    .addOption(new Option('--compose <file>', 'the collectors of a Compose file: services that publish their metrics port'))
    .addOption(new Option('--kubernetes', 'the pods with the labels of --selector, by kubectl').default(false))
    .addOption(new Option('-l, --selector <labels>', 'labels of the pods, as app=collector'))
    .addOption(new Option('-n, --namespace <name>', 'where the pods are (default: that of the context)'))
    .addOption(new Option('--context <name>', 'a context of the kubeconfig'))
    .addOption(configOption())
    .addOption(collectorVersionOption())
    .addOption(
      new Option('--timeout <duration>', 'how long a collector may take to answer').argParser(durationFlag).default(5000, '5s'),
    )
    .addOption(projectOption())

/** The levels by name, where a config is given. */
export async function readLevels({ config, collectorVersion }: WatchedOptions, { files, env }: Host): Promise<Graph | undefined> {
  if (config.length === 0) return undefined
  const { root } = await readConfig(config, { read: path => files.read(path), env })
  if (!root.entries.has('service'))
    throw new FailoverctlError(
      'not-a-config',
      `${config.join(' + ')}: no \`service\`: it is no config of a collector`,
      'Name the config of the collectors.',
    )
  return readGraph(root, collectorVersion)
}

/** Throws `wrong-use` where nobody says which collectors. With a config alone it is the one on this machine. */
export async function openSource(options: WatchedOptions, graph: Graph | undefined, host: Host): Promise<Source> {
  const { collector, compose, kubernetes, selector, namespace, context } = options
  const ports = portsOf(graph)
  if (kubernetes) {
    if (selector === undefined)
      throw new FailoverctlError(
        'wrong-use',
        '--kubernetes without labels',
        'Say which pods: --kubernetes -l app=collector -n observability',
      )
    const { podsOf } = await import('../watch/kubernetes.ts')
    return podsOf({ selector, namespace, context, ports }, host.tools)
  }
  const named: Watched[] = collector.map(parseWatched)
  if (compose !== undefined)
    named.push(...collectorsInCompose(compose, decodeText(compose, await host.files.read(compose)), ports))
  if (named.length === 0 && graph) named.push(ownOf(graph, ports))
  if (named.length > 0) return fixedSource(withOwnNames(named))
  throw new FailoverctlError(
    'wrong-use',
    'no collector is named',
    'Name one with --collector http://localhost:8888/metrics, or many with --compose or --kubernetes -l app=collector.',
  )
}

/** The config says where a collector serves its metrics and its health, wherever it runs. */
function portsOf(graph: Graph | undefined): Ports {
  const metrics = graph?.telemetry.metrics?.port
  const health = graph && listeningIn(graph).find(({ who }) => who.startsWith('`health_check'))?.port
  return {
    metrics: metrics !== undefined && Number.isInteger(metrics) ? metrics : DEFAULT_PORTS.metrics,
    health: health ?? DEFAULT_PORTS.health,
  }
}

function ownOf(graph: Graph, ports: Ports): Watched {
  const hasHealth = listeningIn(graph).some(({ who }) => who.startsWith('`health_check'))
  return {
    name: `localhost:${ports.metrics}`,
    metricsUrl: `http://localhost:${ports.metrics}/metrics`,
    healthUrl: hasHealth ? `http://localhost:${ports.health}/` : undefined,
  }
}
