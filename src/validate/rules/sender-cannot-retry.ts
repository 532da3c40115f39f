import type { Failover, Graph } from '../../collector/graph.ts'
import { alike } from '../alike.ts'
import { hides } from '../levels.ts'
import type { Rule } from '../rule.ts'
import { list, quote } from '../words.ts'

export const senderCannotRetry: Rule = {
  id: 'sender-cannot-retry',
  severity: 'info',
  kind: 'loss',
  title: 'Somebody keeps what no level takes',
  why: `Without a queue on the connector, an error of all levels goes back to the receiver. Receivers that scrape, or that listen for UDP and plain TCP, have
nobody to tell: they count it as refused and drop it (contrib 0.161.0, receiver/receiverhelper and scraperhelper; statsd, syslog, host_metrics …).`,

  *check(graph) {
    const found = graph.failovers.flatMap(failover => {
      const dropping = hides(failover.queue) ? [] : droppingReceivers(failover, graph)
      return dropping.length > 0 ? [{ failover, dropping }] : []
    })
    for (const group of alike(found, ({ dropping }) => dropping)) {
      const [{ failover, dropping }] = group
      const whose = list(group.map(one => quote(one.failover.component.id)))
      yield {
        at: failover.component.at,
        message: `${list(dropping.map(quote))} cannot send again: what all levels of ${whose} refuse is lost`,
        hint: 'Make the last level one that always takes data, such as a file.',
      }
    }
  },

  bad: [
    `
receivers: { statsd: , otlp: }
exporters: { otlp/a: }
connectors: { «failover»: { priority_levels: [[metrics/a], [metrics/b]], sending_queue: { enabled: false } } }
service:
  pipelines:
    metrics: { receivers: [otlp, statsd], exporters: [failover] }
    metrics/b: { receivers: [failover], exporters: [otlp/a] }
`,
  ],

  good: [
    `
receivers: { statsd: , otlp: }
exporters: { file: , otlp: }
connectors:
  failover: { priority_levels: [[metrics/a], [metrics/b]], sending_queue: { enabled: false } }
  failover/traces: { priority_levels: [[traces/a], [traces/b]], sending_queue: { enabled: false } }
service:
  pipelines:
    metrics: { receivers: [statsd], exporters: [failover] }
    metrics/b: { receivers: [failover], exporters: [file] }
    traces: { receivers: [otlp], exporters: [failover/traces] }
    traces/b: { receivers: [failover/traces], exporters: [otlp] }
`,
  ],
}

const DROPS: ReadonlySet<string> = new Set(
  `carbon collectd hostmetrics host_metrics k8s_cluster kubeletstats prometheus snmp sqlquery statsd syslog tcplog tcp_log udplog udp_log`.split(
    ' ',
  ),
)

function droppingReceivers({ sources, levels }: Failover, { components }: Graph): string[] {
  const last = levels.at(-1)?.pipelines.flatMap(({ pipeline }) => pipeline?.exporters ?? []) ?? []
  if (last.length === 0 || last.every(({ id }) => components.exporters.get(id)?.type === 'file')) return []
  const ids = sources.flatMap(({ receivers }) => receivers.map(({ id }) => id))
  return [...new Set(ids)].filter(id => DROPS.has(components.receivers.get(id)?.type ?? ''))
}
