import { exporterKind, LONGEST_DIAL_MS } from '../../collector/component-types.ts'
import type { Component, Failover, Graph } from '../../collector/graph.ts'
import { formatDuration } from '../../core/duration.ts'
import type { Rule } from '../rule.ts'
import { list, quote } from '../words.ts'

export const recoveryWaitsForGrpc: Rule = {
  id: 'recovery-waits-for-grpc',
  severity: 'info',
  kind: 'advice',
  title: 'Nothing but retry_interval delays recovery',
  why: `A gRPC client that cannot connect waits before it dials again: 1 s, then 1.6 times longer each time, ±20 %, up to 120 s. Until that dial the batch with
which the connector tries the level is refused at once, so recovery can take that much longer than \`retry_interval\` (grpc-go, connection backoff;
measured with a retry_interval of 5s: 75 s after an outage of 120 s; with otlp_http 0.5 s).`,

  *check(graph) {
    const found = new Map<Component, Failover>()
    for (const failover of graph.failovers) {
      if (failover.retryInterval.value >= LONGEST_DIAL_MS) continue
      for (const exporter of grpcAboveLast(failover, graph)) if (!found.has(exporter)) found.set(exporter, failover)
    }
    const [first] = found
    if (!first) return
    const [exporter, { retryInterval }] = first
    const interval = formatDuration(retryInterval.value)
    yield {
      at: exporter.at,
      message: `after a long outage ${list([...found.keys()].map(({ id }) => quote(id)))} can stay unused for up to ${formatDuration(LONGEST_DIAL_MS)} more than the retry_interval of ${interval}: gRPC waits that long before it dials again`,
      hint: 'Where that is too long, use the `otlp_http` exporter: HTTP has no such wait.',
    }
  },

  bad: [
    `
exporters: { «otlp/a»: , otlp/b: , file: }
connectors: { failover: { retry_interval: 5s, priority_levels: [[traces/a], [traces/b], [traces/file]] } }
service:
  pipelines:
    traces/a: { receivers: [failover], exporters: [otlp/a] }
    traces/b: { receivers: [failover], exporters: [otlp/b] }
    traces/file: { receivers: [failover], exporters: [file] }
`,
  ],

  good: [
    `
exporters: { otlphttp: , otlp: }
connectors: { failover: { retry_interval: 5s, priority_levels: [[traces/a], [traces/b]] } }
service:
  pipelines:
    traces/a: { receivers: [failover], exporters: [otlphttp] }
    traces/b: { receivers: [failover], exporters: [otlp] }
`,
    `
exporters: { otlp: , file: }
connectors: { failover: { retry_interval: 3m, priority_levels: [[traces/a], [traces/b]] } }
service:
  pipelines:
    traces/a: { receivers: [failover], exporters: [otlp] }
    traces/b: { receivers: [failover], exporters: [file] }
`,
  ],
}

function grpcAboveLast({ levels }: Failover, { components }: Graph): Component[] {
  const pipelines = levels.slice(0, -1).flatMap(level => level.pipelines.flatMap(({ pipeline }) => pipeline ?? []))
  const exporters = pipelines.flatMap(pipeline => pipeline.exporters.flatMap(({ id }) => components.exporters.get(id) ?? []))
  return exporters.filter(({ type }) => exporterKind(type)?.wire === 'grpc')
}
