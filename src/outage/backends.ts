import { exporterKind } from '../collector/component-types.ts'
import { type Endpoint, parseEndpoint } from '../collector/endpoint.ts'
import type { Component } from '../collector/graph.ts'
import { asText } from '../collector/settings.ts'
import { SIGNALS } from '../otlp/signal.ts'
import { lookup } from '../source/value.ts'

/** A place that exporters send to; the lab opens it as a server, `simulate` computes it. */
export interface BackendPlan {
  readonly name: string
  readonly exporters: readonly Component[]
  readonly endpoint: Endpoint | undefined
}

/** Exporters with the same endpoint share a backend; each other one has its own. */
export function groupByBackend(exporters: readonly Component[]): BackendPlan[] {
  const groups = new Map<string, Component[]>()
  for (const exporter of exporters) {
    const endpoint = endpointOf(exporter)
    const key = endpoint ? `${endpoint.host}:${endpoint.port}` : exporter.id
    groups.set(key, [...(groups.get(key) ?? []), exporter])
  }
  const names = new Set<string>()
  return [...groups.values()].map(group => {
    const first = group[0] as Component
    const name = [first.name, first.id].find(candidate => candidate && !names.has(candidate)) ?? first.id
    names.add(name)
    return { name, exporters: group, endpoint: isRemote(first) ? (endpointOf(first) ?? UNKNOWN_ENDPOINT) : undefined }
  })
}

/** For an endpoint that only the environment knows: the backend listens anyway, on a free port. */
const UNKNOWN_ENDPOINT: Endpoint = { scheme: 'http', host: '127.0.0.1', port: 0, path: '' }

export const wireOf = (exporter: Component) => exporterKind(exporter.type)?.wire
const isRemote = (exporter: Component) => wireOf(exporter) === 'grpc' || wireOf(exporter) === 'http'

export function endpointOf(exporter: Component): Endpoint | undefined {
  if (!isRemote(exporter)) return undefined
  const keys = ['endpoint', ...Object.keys(SIGNALS).map(signal => `${signal}_endpoint`)]
  const text = keys.map(key => asText(lookup(exporter.settings, key))).find(found => found !== undefined)
  return text === undefined ? undefined : parseEndpoint(text)
}
