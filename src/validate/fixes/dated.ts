import { parseEndpoint } from '../../collector/endpoint.ts'
import type { Graph } from '../../collector/graph.ts'
import type { Dated } from '../../collector/history.ts'
import { asText } from '../../collector/settings.ts'
import type { Change, Data } from '../../source/change.ts'
import { lookup } from '../../source/value.ts'
import type { Fix } from '../rule.ts'
import { itemPath } from './places.ts'

/** Settings that go without leaving anything behind. By their last word: each is the name of one setting only. */
const USELESS = new Set(['retry_gap', 'max_retries', 'max_file_size_mib', 'check_collector_pipeline'])

/** What to call a component type instead, in releases that do not know it or warn about it. */
const OTHER_NAME: ReadonlyMap<string, string> = new Map([
  ['otlp', 'otlp_grpc'],
  ['otlphttp', 'otlp_http'],
  ['otlp_grpc', 'otlp'],
  ['otlp_http', 'otlphttp'],
  ['logging', 'debug'],
])

/** How a setting or type that a release does not take as it is meant goes away, where that needs no decision. */
export function datedFix({ path, isType }: Dated, graph: Graph): { fix?: Fix } {
  const last = path.at(-1) as string
  if (isType) return renameExporter(last, graph)
  if (USELESS.has(last)) return { fix: { title: `remove \`${last}\``, changes: [{ kind: 'remove', path }] } }
  if (last === 'blocking') return { fix: blockOnOverflow(path, graph) }
  return last === 'address' ? readers(path, graph) : {}
}

function renameExporter(id: string, graph: Graph): { fix?: Fix } {
  const { components, pipelines, failovers } = graph
  const [type = '', ...name] = id.split('/')
  const other = OTHER_NAME.get(type.trim())
  if (!other) return {}
  const to = [other, ...name].join('/')
  const changes: Change[] = [{ kind: 'rename', path: ['exporters', id], to }]
  for (const pipeline of pipelines.values()) {
    // A connector of the same name would be meant as well, and a collector refuses that.
    for (const reference of pipeline.exporters) {
      const path = itemPath(graph, ['service', 'pipelines', pipeline.id, 'exporters'], reference)
      if (reference.id === id && !components.connectors.has(id)) changes.push({ kind: 'set', path, to })
    }
  }
  for (const { component, levels } of failovers) {
    for (const reference of levels.flatMap(level => level.pipelines)) {
      const path = itemPath(graph, ['connectors', component.id, 'priority_levels', reference.level], reference)
      if (reference.id === id && !reference.pipeline) changes.push({ kind: 'set', path, to })
    }
  }
  return { fix: { title: `rename \`${id}\` to \`${to}\``, changes } }
}

function blockOnOverflow(path: readonly string[], { root }: Graph): Fix {
  const isThere = lookup(root, ...path.slice(0, -1), 'block_on_overflow') !== undefined
  if (isThere) return { title: 'remove `blocking`', changes: [{ kind: 'remove', path }] }
  return { title: 'rename `blocking` to `block_on_overflow`', changes: [{ kind: 'rename', path, to: 'block_on_overflow' }] }
}

function readers(path: readonly string[], { root }: Graph): { fix?: Fix } {
  const title = 'serve the metrics by `readers` instead of `address`'
  if (lookup(root, 'service', 'telemetry', 'metrics', 'readers')) return { fix: { title, changes: [{ kind: 'remove', path }] } }
  const address = lookup(root, ...path)
  const endpoint = address?.kind === 'scalar' ? parseEndpoint(asText(address) ?? '') : undefined
  if (!endpoint) return {}
  const { host, port } = endpoint
  const value: Data = [{ pull: { exporter: { prometheus: { host: host || '0.0.0.0', port } } } }]
  return { fix: { title, changes: [{ kind: 'rename', path, to: 'readers', value }] } }
}
