import type { Graph } from '../collector/graph.ts'
import { sendingOf } from '../collector/sending.ts'
import { nearest } from '../core/nearest.ts'
import { plainName } from '../metrics/figures.ts'
import type { Sample } from '../metrics/prometheus.ts'

/** In what a running collector differs from a config, as a sentence; undefined where nothing speaks against it being the same. */
export function otherConfig(graph: Graph, samples: readonly Sample[]): string | undefined {
  const used = [...graph.pipelines.values()]
  const exporters = new Set(used.flatMap(pipeline => pipeline.exporters.map(({ id }) => id)))
  const receivers = new Set(used.flatMap(pipeline => pipeline.receivers.map(({ id }) => id)))
  const processors = new Set(used.flatMap(pipeline => pipeline.processors.map(({ id }) => id)))
  const connectors = new Set(graph.failovers.map(({ component }) => component.id))
  return (
    unexpected('exporter', shown(samples, /^otelcol_exporter_/, 'exporter'), exporters) ??
    unexpected('receiver', shown(samples, /^otelcol_receiver_/, 'receiver'), receivers) ??
    // One `batch` too many decides whether a failover happens at all.
    unexpected('processor', shown(samples, /^otelcol_processor_/, 'processor'), processors) ??
    unexpected('failover connector', shown(samples, /^otelcol_connector_failover_/, 'connector'), connectors) ??
    otherQueue(graph, exporters, samples)
  )
}

const shown = (samples: readonly Sample[], metric: RegExp, label: string): string[] => [
  ...new Set(samples.filter(({ name }) => metric.test(plainName(name))).flatMap(({ labels }) => labels[label] ?? [])),
]

function unexpected(what: string, running: readonly string[], configured: ReadonlySet<string>): string | undefined {
  const other = running.find(id => !configured.has(id))
  if (other === undefined) return undefined
  if (configured.size === 0) return `the running collector has the ${what} ${other}, the config has none`
  const known = [...configured].join(', ')
  return `the running collector has the ${what} ${other}, expected ${nearest(other, configured) ?? known} (the config has ${known})`
}

/** Queues show their capacity from the start, where they show it at all. */
function otherQueue(graph: Graph, exporters: ReadonlySet<string>, samples: readonly Sample[]): string | undefined {
  const running = shown(samples, /^otelcol_exporter_queue_capacity$/, 'exporter')
  if (running.length === 0) return undefined
  const surplus = running.find(id => hasQueue(graph, id) === false)
  if (surplus !== undefined) return `the running collector has a sending queue for ${surplus}, expected none`
  const absent = [...exporters].find(id => hasQueue(graph, id) === true && !running.includes(id))
  if (absent === undefined) return undefined
  return `the config gives ${absent} a sending queue, and the running collector shows queues of ${running.join(', ')} only`
}

/** undefined for what is neither an exporter nor a failover connector. */
function hasQueue({ components, failovers }: Graph, id: string): boolean | undefined {
  const exporter = components.exporters.get(id)
  if (exporter) return sendingOf(exporter).queue?.enabled.value === true
  return failovers.find(({ component }) => component.id === id)?.queue.enabled.value
}
