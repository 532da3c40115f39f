import { readGraph } from '../../src/collector/read-graph.ts'
import { NEWEST, parseVersion } from '../../src/collector/versions.ts'
import { readFault } from '../../src/experiment/read-fault.ts'
import type { Action, Wish } from '../../src/experiment/wish.ts'
import { planScenario } from '../../src/simulate/plan.ts'
import { readYaml } from '../../src/source/read-yaml.ts'

/** A config from its text, and what is to happen to it. */
export function setup(text: string, wish: Partial<Wish> = {}, version = NEWEST.text) {
  const root = readYaml('config.yaml', text)
  if (root.kind !== 'map') throw new Error('no map')
  const graph = readGraph(root, parseVersion(version) ?? NEWEST)
  return { graph, ...planScenario({ faults: [], claims: [], ...wish }, graph, 1) }
}

export const fault = (action: Action, text: string) => readFault(action, text, `--${action}`)

export interface Choices {
  readonly wire?: 'otlp_grpc' | 'otlp_http'
  /** `sending_queue` of the connector. */
  readonly connectorQueue?: string
  /** Of both exporters. */
  readonly queue?: string
  readonly retry?: string
  readonly interval?: string
  readonly timeout?: string
  /** Of the source pipeline and of the primary's pipeline. */
  readonly processors?: string
  readonly levelProcessors?: string
  /** Pipelines of level 0 besides the first. */
  readonly alsoInLevel0?: boolean
  readonly lastIsFile?: string | undefined
  readonly connector?: string
  readonly fsync?: boolean
}

const OFF = '{ enabled: false }'

/** The proof of concept in the many shapes that configs take. */
export const config = ({
  wire = 'otlp_grpc',
  connectorQueue = OFF,
  queue = OFF,
  retry = OFF,
  interval = '5s',
  timeout = '5s',
  processors = '[]',
  levelProcessors = '[]',
  alsoInLevel0 = false,
  lastIsFile,
  connector = '',
  fsync = false,
}: Choices = {}): string =>
  `
receivers: { otlp: { protocols: { http: } } }
processors:
  batch: { timeout: 200ms }
  batch/small: { timeout: 1s, send_batch_size: 50, send_batch_max_size: 100 }
  memory_limiter: { check_interval: 1s, limit_mib: 60, spike_limit_mib: 10 }
extensions: { file_storage: { directory: /tmp, fsync: ${fsync} } }
exporters:
  ${wire}/primary: { endpoint: 'http://primary:4317', timeout: ${timeout}, sending_queue: ${queue}, retry_on_failure: ${retry} }
  ${wire}/second: { endpoint: 'http://second:4317', timeout: ${timeout}, sending_queue: ${OFF}, retry_on_failure: ${OFF} }
  ${wire}/secondary: { endpoint: 'http://secondary:4317', timeout: ${timeout}, sending_queue: ${queue}, retry_on_failure: ${retry} }
  file/backup: ${lastIsFile ?? '{ path: /tmp/backup.jsonl }'}
connectors:
  failover:
    priority_levels: [[traces/primary${alsoInLevel0 ? ', traces/second' : ''}], [traces/secondary]]
    retry_interval: ${interval}
    sending_queue: ${connectorQueue}
    ${connector}
service:
  extensions: [file_storage]
  pipelines:
    traces: { receivers: [otlp], processors: ${processors}, exporters: [failover] }
    traces/primary: { receivers: [failover], processors: ${levelProcessors}, exporters: [${wire}/primary] }
    traces/second: { receivers: [${alsoInLevel0 ? 'failover' : 'otlp'}], exporters: [${wire}/second] }
    traces/secondary: { receivers: [failover], exporters: [${lastIsFile === undefined ? `${wire}/secondary` : 'file/backup'}] }
`.replace(alsoInLevel0 ? /$^/ : /^ {4}traces\/second:.*\n/m, '')
