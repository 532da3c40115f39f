import { type At, lookup } from '../source/value.ts'
import { parseEndpoint } from './endpoint.ts'
import type { Component, Graph } from './graph.ts'
import { asText, keyAt } from './settings.ts'

/** A port that the collector opens when it starts. */
export interface Listening {
  /** The subject of a sentence. */
  readonly who: string
  readonly host: string
  readonly port: number
  readonly at: At
  /** An environment variable is in it: it is not to be shown. */
  readonly hidden: boolean
}

/** What listens, in components that are used: the metrics first, then receivers and extensions whose ports are known. */
export function listeningIn(graph: Graph): Listening[] {
  const receivers = new Set([...graph.pipelines.values()].flatMap(pipeline => pipeline.receivers.map(({ id }) => id)))
  const extensions = new Set(graph.extensions.map(({ id }) => id))
  return [
    ...metricsOf(graph),
    ...[...graph.components.receivers.values()].filter(({ id }) => receivers.has(id)).flatMap(receiverOf),
    ...[...graph.components.extensions.values()].filter(({ id }) => extensions.has(id)).flatMap(extensionOf),
  ]
}

function metricsOf({ telemetry, root }: Graph): Listening[] {
  // A port that is no number yet comes from a variable that is not set here.
  if (!telemetry.metrics || !Number.isInteger(telemetry.metrics.port)) return []
  const at = keyAt(root, ['service', 'telemetry', 'metrics']) ?? keyAt(root, ['service']) ?? root.at
  return [{ ...telemetry.metrics, who: "the collector's own metrics", at, hidden: false }]
}

/** Defaults of core 0.161.0 otlpreceiver, and contrib 0.161.0 for the others. */
const RECEIVERS: ReadonlyMap<string, readonly (readonly [path: readonly string[], port: number])[]> = new Map([
  ['otlp', [[['protocols', 'grpc'], 4317] as const, [['protocols', 'http'], 4318] as const]],
  ['zipkin', [[[], 9411] as const]],
])

const EXTENSIONS: ReadonlyMap<string, number> = new Map([
  ['health_check', 13_133],
  ['pprof', 1777],
  ['zpages', 55_679],
])

function receiverOf(receiver: Component): Listening[] {
  const known = RECEIVERS.get(receiver.type) ?? []
  return known.flatMap(([path, port]) => {
    const last = path.at(-1)
    if (last && !keyAt(receiver.settings, path)) return []
    const who = last ? `\`${receiver.id}\` (${last})` : `\`${receiver.id}\``
    return listener(receiver, path, port, who)
  })
}

function extensionOf(extension: Component): Listening[] {
  const port = EXTENSIONS.get(extension.type)
  return port === undefined ? [] : listener(extension, [], port, `\`${extension.id}\``)
}

function listener(component: Component, path: readonly string[], port: number, who: string): Listening[] {
  const endpoint = lookup(component.settings, ...path, 'endpoint')
  const text = asText(endpoint)
  if (endpoint?.kind !== 'scalar' || !text) {
    return [{ who, host: 'localhost', port, at: keyAt(component.settings, path) ?? component.at, hidden: false }]
  }
  const address = parseEndpoint(text)
  if (!address || text.startsWith('/')) return []
  return [{ who, host: address.host, port: address.port, at: endpoint.at, hidden: endpoint.fromEnvironment }]
}
