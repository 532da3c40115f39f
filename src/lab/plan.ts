import { parseEndpoint } from '../collector/endpoint.ts'
import type { Component, Graph } from '../collector/graph.ts'
import { asText } from '../collector/settings.ts'
import type { Address } from '../core/host.ts'
import type { BuiltQueue } from '../model/build.ts'
import { endpointOf, wireOf } from '../outage/backends.ts'
import { lookup } from '../source/value.ts'

export { groupByBackend, wireOf } from '../outage/backends.ts'

/** The lab is for this machine alone. */
export const LOOPBACK = '127.0.0.1'

export function addressLabels(exporter: Component): Record<string, string> {
  const endpoint = endpointOf(exporter)
  return endpoint ? { server_address: endpoint.host, server_port: String(endpoint.port) } : {}
}

const DEFAULT_PORTS = { grpc: 4317, http: 4318 } as const

const STAND_IN = 'otlp stand-in'

export interface ReceiverPlan {
  readonly receiver: string
  /** As the config calls it. */
  readonly protocol: string
  readonly transport: 'http' | 'grpc'
  /** undefined: any free port. */
  readonly address: Address | undefined
}

/** Where data comes in: the otlp receivers' protocols, HTTP first, and a stand-in for any other receiver that feeds a pipeline. */
export function receiversOf(graph: Graph): ReceiverPlan[] {
  const used = new Set([...graph.pipelines.values()].flatMap(({ receivers }) => receivers.map(({ id }) => id)))
  return [...graph.components.receivers.values()]
    .filter(({ id }) => used.has(id))
    .flatMap(({ id, type, settings }): ReceiverPlan[] => {
      if (type !== 'otlp') return [{ receiver: id, protocol: STAND_IN, transport: 'http', address: undefined }]
      const protocols = lookup(settings, 'protocols')
      return (['http', 'grpc'] as const)
        .filter(protocol => protocols?.kind === 'map' && protocols.entries.has(protocol))
        .map(protocol => {
          const text = asText(lookup(protocols, protocol, 'endpoint')) ?? `localhost:${DEFAULT_PORTS[protocol]}`
          return { receiver: id, protocol, transport: protocol, address: parseEndpoint(text, DEFAULT_PORTS[protocol]) }
        })
    })
}

export function healthCheckOf(graph: Graph): { address: Address; path: string } | undefined {
  const enabled = graph.extensions
    .map(({ id }) => graph.components.extensions.get(id))
    .find(found => found?.type === 'health_check')
  if (!enabled) return undefined
  const address = parseEndpoint(asText(lookup(enabled.settings, 'endpoint')) ?? 'localhost:13133', 13_133)
  return { address: address ?? { host: LOOPBACK, port: 13_133 }, path: asText(lookup(enabled.settings, 'path')) ?? '/' }
}

export function wireNotes(exporters: readonly Component[]): string[] {
  const other = exporters.filter(exporter => wireOf(exporter) === 'other').map(({ id }) => id)
  return other.length > 0 ? [`${other.join(', ')}: not embedded; a stand-in inside the lab takes the data and counts it`] : []
}

/** The lab ends with its process, so nothing outlives it. */
export const storageNotes = (queues: readonly BuiltQueue[]): string[] => [
  ...new Set(
    queues
      .filter(({ storage }) => storage !== 'memory')
      .map(
        ({ owner }) =>
          `${owner}: the queue's storage is not embedded; the queue outlives a crash that chaos makes, and ends with the lab`,
      ),
  ),
]

export const receiverNotes = (graph: Graph): string[] =>
  receiversOf(graph)
    .filter(({ protocol }) => protocol === STAND_IN)
    .map(({ receiver }) => `receiver ${receiver} takes OTLP/HTTP inside the lab`)
