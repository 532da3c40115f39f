import type { Graph, LevelPipeline } from '../../collector/graph.ts'
import { asText } from '../../collector/settings.ts'
import { lookup } from '../../source/value.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const sameBackend: Rule = {
  id: 'same-backend',
  severity: 'warning',
  kind: 'placebo',
  title: 'Each level goes to a backend of its own',
  why: `Levels that send to one endpoint fail together. Five of sixteen public failover configs do that, for two sets of credentials: that guards
against a refused token, and not against an outage.`,

  *check(graph) {
    for (const failover of graph.failovers) {
      const first = new Map<string, LevelPipeline>()
      for (const reference of failover.levels.flatMap(({ pipelines }) => pipelines)) {
        const endpoint = endpointOf(reference, graph)
        const seen = endpoint === undefined ? undefined : first.get(endpoint)
        if (endpoint !== undefined && !seen) first.set(endpoint, reference)
        if (!seen || seen.level === reference.level || seen.id === reference.id) continue
        yield {
          at: reference.at,
          message: `${quote(reference)} sends to the same endpoint as ${quote(seen)} at level ${seen.level}: one outage takes both`,
          hint: 'Send to another backend, or to a file.',
        }
      }
    }
  },

  bad: [
    `
exporters: { otlp/a: { endpoint: "backend:4317" }, otlp/b: { endpoint: "backend:4317" }, otlp/c: { endpoint: "other:4317" } }
connectors: { failover: { priority_levels: [[traces/a], [«traces/b»], [traces/c]] } }
service:
  pipelines:
    traces/a: { receivers: [failover], exporters: [otlp/a] }
    traces/b: { receivers: [failover], exporters: [otlp/b] }
    traces/c: { receivers: [failover], exporters: [otlp/c] }
`,
    `
exporters: { otlp: { endpoint: "backend:4317" } }
connectors: { failover: { priority_levels: [[traces/a], [«traces/b»]] } }
service:
  pipelines:
    traces/a: { receivers: [failover], exporters: [otlp] }
    traces/b: { receivers: [failover], exporters: [otlp] }
`,
  ],

  good: [
    `
exporters: { otlp/a: { endpoint: "a:4317" }, otlp/b: { endpoint: "b:4317" } }
connectors: { failover: { priority_levels: [[traces/a], [traces/b]] } }
service:
  pipelines:
    traces/a: { receivers: [failover], exporters: [otlp/a] }
    traces/b: { receivers: [failover], exporters: [otlp/b] }
`,
  ],
}

// Only where a pipeline has one exporter: of several, one may go elsewhere.
function endpointOf({ pipeline }: LevelPipeline, { components }: Graph): string | undefined {
  const [exporter, ...others] = pipeline?.exporters ?? []
  const settings = exporter && others.length === 0 ? components.exporters.get(exporter.id)?.settings : undefined
  return asText(lookup(settings, 'endpoint')) || undefined
}
