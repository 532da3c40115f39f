import type { Graph } from '../../../collector/graph.ts'
import { readGraph } from '../../../collector/read-graph.ts'
import { readConfig } from '../../../source/read-config.ts'

/** An endpoint of a proxy, and at which of its levels it stands. */
export interface Placed {
  readonly id: string
  readonly level: number
}

export interface ProxyShape {
  readonly name: string
  readonly endpoints: readonly Placed[]
  /** How long a better endpoint must have been well before requests go back to it. Milliseconds. */
  readonly failBackMs: number
  /** Of one attempt, in milliseconds. */
  readonly timeoutMs: number
}

/** The exporter that stands for an endpoint: in the words of a collector's config. */
export const exporterFor = (id: string): string => `otlp_http/${id.replaceAll(/[^\w.-]+/g, '-')}`

/** The levels of a proxy as a collector with the failover connector would have them, so that plans and reports speak of both alike. */
export async function asGraph({ name, endpoints, failBackMs, timeoutMs }: ProxyShape): Promise<Graph> {
  const levels = [...new Set(endpoints.map(({ level }) => level))].sort((a, b) => a - b)
  const at = (level: number) => endpoints.filter(endpoint => endpoint.level === level).map(({ id }) => exporterFor(id))
  const connector = `failover/${name.replaceAll(/[^\w.-]+/g, '-')}`
  const config = {
    receivers: { otlp: { protocols: { http: {} } } },
    exporters: Object.fromEntries(
      endpoints.map(({ id }) => [
        exporterFor(id),
        { endpoint: `http://${exporterFor(id).slice('otlp_http/'.length)}:1`, timeout: `${timeoutMs}ms`, ...DIRECT },
      ]),
    ),
    connectors: {
      [connector]: {
        priority_levels: levels.map(level => [`traces/level${level}`]),
        retry_interval: `${Math.max(1, failBackMs)}ms`,
        sending_queue: { enabled: false },
      },
    },
    service: {
      pipelines: {
        traces: { receivers: ['otlp'], exporters: [connector] },
        ...Object.fromEntries(levels.map(level => [`traces/level${level}`, { receivers: [connector], exporters: at(level) }])),
      },
    },
  }
  const { root } = await readConfig([`yaml:${JSON.stringify(config)}`], { read: async () => new Uint8Array(), env: {} })
  return readGraph(root)
}

/** A proxy answers when an endpoint has. */
const DIRECT = { sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
