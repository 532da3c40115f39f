import type { Graph } from '../../../collector/graph.ts'
import { FailoverctlError } from '../../../core/errors.ts'
import type { Address, Host } from '../../../core/host.ts'
import { receiversOf } from '../../../lab/plan.ts'
import { addressFromHere } from './addresses.ts'
import type { Found } from './running-config.ts'

/** Where this machine sends traffic to, and reads metrics from. */
export interface WaysIn {
  readonly traffic: string
  readonly over: 'http' | 'grpc'
  readonly metrics: string
}

const CONNECTS_WITHIN_MS = 2000

/** What is said beats what is found in the collector's config and its published ports. Throws where neither leads anywhere. */
export async function waysIn(
  said: { readonly traffic?: string | undefined; readonly metrics?: string | undefined },
  collector: Found | undefined,
  isLocal: boolean,
  host: Host,
): Promise<WaysIn> {
  const traffic = said.traffic === undefined ? await found('traffic', 'OTLP', trafficPorts, collector, isLocal, host) : undefined
  const metrics =
    said.metrics === undefined ? await found('metrics', 'metrics', metricsPorts, collector, isLocal, host) : undefined
  return {
    traffic: said.traffic ?? `http://${written(traffic as Reached)}`,
    over: traffic?.over ?? 'http',
    metrics: said.metrics ?? `http://${written(metrics as Reached)}/metrics`,
  }
}

interface Port {
  readonly port: number
  readonly over: 'http' | 'grpc'
  /** Nobody outside of the container reaches it. */
  readonly inside: boolean
}

type Reached = Address & { readonly over: Port['over'] }

async function found(
  setting: string,
  what: string,
  portsOf: (graph: Graph) => Port[],
  collector: Found | undefined,
  isLocal: boolean,
  host: Host,
): Promise<Reached> {
  const say = `Or say its address: \`${setting}\` under \`docker\` in failoverctl.yaml.`
  if (!collector) {
    const hint = `Name it: \`collector\` under \`docker\` in failoverctl.yaml. ${say}`
    throw new FailoverctlError('wrong-use', `no container is known as the collector: where is its ${what}?`, hint)
  }
  const { container, graph, why } = collector
  const { name } = container
  if (!graph) throw new FailoverctlError('wrong-use', `the config of ${name} cannot be read (${why}): where is its ${what}?`, say)
  const ports = portsOf(graph)
  for (const { port, over } of ports) {
    const address = addressFromHere(container, port, isLocal)
    if (address && (await host.network.connect(address, CONNECTS_WITHIN_MS)).kind === 'open') return { ...address, over }
  }
  const [first] = ports
  if (!first) throw new FailoverctlError('no-answer', `the config of ${name} serves no ${what}`, say)
  if (first.inside && container.networkMode !== 'host') {
    const fault = `${name} serves its ${what} on localhost inside of the container, where nobody else reaches it`
    throw new FailoverctlError('no-answer', fault, `Let it listen on 0.0.0.0 and publish port ${first.port}. ${say}`)
  }
  throw new FailoverctlError(
    'no-answer',
    `port ${first.port} of ${name} (${what}) is not reached from here`,
    `Publish it: ports: ["127.0.0.1:${first.port}:${first.port}"]. ${say}`,
  )
}

function trafficPorts(graph: Graph): Port[] {
  const traces = [...graph.pipelines.values()].filter(({ signal }) => signal === 'traces')
  const used = new Set(traces.flatMap(({ receivers }) => receivers.map(({ id }) => id)))
  return receiversOf(graph).flatMap(({ receiver, transport, address }) =>
    address && used.has(receiver) ? [{ port: address.port, over: transport, inside: isInside(address.host) }] : [],
  )
}

const metricsPorts = ({ telemetry: { metrics } }: Graph): Port[] =>
  metrics && Number.isInteger(metrics.port) ? [{ port: metrics.port, over: 'http', inside: isInside(metrics.host) }] : []

const isInside = (host: string): boolean => host === 'localhost' || host.startsWith('127.') || host === '::1'

const written = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`
