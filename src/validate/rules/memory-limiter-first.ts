import type { Graph, Pipeline } from '../../collector/graph.ts'
import type { Rule } from '../rule.ts'
import { list, quote } from '../words.ts'

export const memoryLimiterFirst: Rule = {
  id: 'memory-limiter-first',
  severity: 'info',
  kind: 'advice',
  title: 'A pipeline that receives begins with a memory_limiter',
  why: `While a level hangs, batches wait in memory. A memory_limiter as the first processor of the pipeline that receives refuses new data before the
collector is killed with all that waits; behind another processor it refuses what that one has already taken (core 0.161.0,
processor/memorylimiterprocessor). Behind the failover connector it is not needed: an error of it there fails over.`,

  *check(graph) {
    const entries = entriesOf(graph)
    const without = entries.filter(({ processors }) => !processors.some(isLimiter))
    const [first] = without
    if (first)
      yield {
        at: first.at,
        message: `${list(without.map(({ id }) => quote(id)))} ${without.length > 1 ? 'have' : 'has'} no memory_limiter: a level that hangs can fill the memory until the collector is killed`,
        hint: 'Put `memory_limiter` first into `processors`.',
      }
    for (const { id, processors } of entries) {
      const place = processors.findIndex(isLimiter)
      const limiter = processors[place]
      if (!limiter || place === 0) continue
      yield {
        at: limiter.at,
        severity: 'warning',
        message: `${quote(limiter)} is not the first processor of ${quote(id)}: what it refuses has been taken by those before it`,
        hint: `Put ${quote(limiter)} first.`,
      }
    }
  },

  bad: [
    `
connectors: { failover: , failover/b: , failover/c: }
service:
  pipelines:
    «traces»: { receivers: [otlp], exporters: [failover] }
    logs: { receivers: [otlp], processors: [batch], exporters: [failover/b] }
    metrics: { receivers: [otlp], processors: [batch, «memory_limiter/small»], exporters: [failover/c] }
`,
  ],

  good: [
    `
receivers: { otlp: }
connectors: { failover: , forward: }
service:
  pipelines:
    traces: { receivers: [otlp], processors: [memory_limiter, batch], exporters: [failover] }
    traces/more: { receivers: [forward], exporters: [failover] }
    traces/a: { receivers: [failover], exporters: [otlp] }
    traces/else: { receivers: [otlp], exporters: [otlp] }
`,
  ],
}

const isLimiter = ({ id }: { readonly id: string }) => id.split('/')[0]?.trim() === 'memory_limiter'

function entriesOf({ failovers, components }: Graph): Pipeline[] {
  const sources = new Set(failovers.flatMap(failover => failover.sources))
  return [...sources].filter(({ receivers }) => receivers.some(({ id }) => !components.connectors.has(id)))
}
