import type { Failover, Graph } from '../../collector/graph.ts'
import type { Remark, Rule } from '../rule.ts'
import { list, quote } from '../words.ts'

export const signalsDiffer: Rule = {
  id: 'signals-differ',
  severity: 'info',
  kind: 'advice',
  title: 'All signals of a receiver fail over alike',
  why: `A failover connector serves one signal's pipelines, so traces, metrics and logs have one each. What is forgotten for one of them is seen in the outage:
it has fewer levels than the others, or none (2 of 38 public configs; contrib failoverconnector: traces to traces, metrics to metrics, logs to logs).`,

  *check(graph) {
    yield* fewerLevels(graph)
    yield* withoutFailover(graph)
  },

  bad: [
    `
connectors:
  failover/traces: { priority_levels: [[traces/a], [traces/b], [traces/c]] }
  «failover/logs»: { priority_levels: [[logs/a], [logs/b]] }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover/traces] }
    logs: { receivers: [otlp], exporters: [failover/logs] }
    «metrics»: { receivers: [otlp], exporters: [otlp/a] }
`,
  ],

  good: [
    `
connectors:
  failover/traces: { priority_levels: [[traces/a], [traces/b]] }
  failover/logs: { priority_levels: [[logs/a], [logs/b]] }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover/traces] }
    traces/copy: { receivers: [otlp], exporters: [debug] }
    logs: { receivers: [otlp], exporters: [failover/logs] }
    metrics: { receivers: [prometheus], exporters: [otlp] }
`,
  ],
}

const receiversOf = ({ sources }: Failover) => sources.flatMap(({ receivers }) => receivers.map(({ id }) => id))
const signalOf = ({ sources }: Failover) => sources[0]?.signal

function* fewerLevels({ failovers }: Graph): Generator<Remark> {
  for (const failover of failovers) {
    const receivers = receiversOf(failover)
    const deeper = failovers.find(
      other =>
        other.levels.length > failover.levels.length &&
        signalOf(other) !== signalOf(failover) &&
        receiversOf(other).some(id => receivers.includes(id)),
    )
    if (!deeper || failover.levels.length === 0) continue
    const count = ({ levels }: Failover) => `${levels.length} level${levels.length === 1 ? '' : 's'}`
    yield {
      at: failover.component.at,
      message: `${signalOf(failover)} have ${count(failover)} (${quote(failover.component.id)}), and ${signalOf(deeper)} ${count(deeper)} (${quote(deeper.component.id)})`,
      hint: 'Give both the same levels, if that is not meant.',
    }
  }
}

function* withoutFailover({ failovers, pipelines, components }: Graph): Generator<Remark> {
  const guarded = new Set(failovers.flatMap(({ sources }) => sources.map(({ signal }) => signal)))
  const shared = new Set(failovers.flatMap(receiversOf).filter(id => components.connectors.get(id) === undefined))
  const all = [...pipelines.values()]
  const open = all.filter(
    ({ signal, receivers, exporters }) =>
      !guarded.has(signal) &&
      receivers.some(({ id }) => shared.has(id)) &&
      !exporters.some(({ id }) => components.connectors.has(id)),
  )
  const [first] = open
  if (!first) return
  const signals = list([...new Set(open.map(({ signal }) => signal))])
  yield {
    at: first.at,
    message: `${signals} of the same receiver ${open.length > 1 || /s$/.test(signals) ? 'have' : 'has'} no failover`,
    hint: `Put a failover connector behind ${list(open.map(({ id }) => quote(id)))}, too, if that is not meant.`,
  }
}
