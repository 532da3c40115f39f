import type { Component, Failover, Graph, Queue } from '../../collector/graph.ts'
import { sendingOf } from '../../collector/sending.ts'
import { keyAt } from '../../collector/settings.ts'
import { formatDuration } from '../../core/duration.ts'
import { hides, placedExporters } from '../levels.ts'
import { rateFor } from '../rates.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const queueTooSmall: Rule = {
  id: 'queue-too-small',
  severity: 'warning',
  kind: 'loss',
  title: 'A queue is large enough for what has to wait in it',
  why: `The last exporter's queue holds all that comes in while its backend is away: rate × outage. What does not fit is refused, or dropped when a queue
before it has already acknowledged it (core 0.161.0, exporter/exporterhelper: "sending queue is full"). Where that exporter has no queue and
retries, the data waits in the queue of the connector. Needs \`--outage\` and \`--rate\`: without them
nobody knows, and the card of \`validate --card\` says how long it holds at which rate.`,

  *check(graph, expected = {}) {
    const { outageMs } = expected
    if (outageMs === undefined) return
    for (const { component, queue } of lastQueues(graph)) {
      const rate = rateFor(queue, expected)
      if (rate === undefined || queue.blockOnOverflow) continue
      const holdsMs = (queue.size / rate) * 1000
      if (holdsMs >= outageMs) continue
      const at = keyAt(component.settings, ['sending_queue', 'queue_size']) ?? queue.enabled.at
      const needed = Math.ceil((rate * outageMs) / 1000)
      const unit = queue.sizer === 'bytes' ? 'bytes' : queue.sizer
      yield {
        at,
        message: `the queue of ${quote(component.id)} holds ${queue.size} ${unit}, which is ${formatDuration(holdsMs)}: an outage of ${formatDuration(outageMs)} overflows it`,
        hint: `Set \`queue_size\` to at least ${needed}.`,
      }
    }
  },

  bad: [
    `
# expected: an outage of 10m, 100 requests and 1 MB each second
exporters: { otlp: { sending_queue: { «queue_size»: 5000, storage: file_storage } } }
connectors: { failover: { priority_levels: [[traces/a], [traces/b]] } }
service: { pipelines: { traces/b: { receivers: [failover], exporters: [otlp] } } }
`,
    `
# expected: an outage of 10m, 100 requests and 1 MB each second
exporters: { otlp: { sending_queue: { enabled: false } } }
connectors: { failover: { priority_levels: [[traces/a], [traces/b]], sending_queue: { «queue_size»: 5000 } } }
service: { pipelines: { traces/b: { receivers: [failover], exporters: [otlp] } } }
`,
  ],

  good: [
    `
# expected: an outage of 10m, 100 requests and 1 MB each second
exporters: { otlp: { sending_queue: { enabled: false }, retry_on_failure: { enabled: false } } }
connectors: { failover: { priority_levels: [[traces/a], [traces/b]], sending_queue: { queue_size: 5000 } } }
service: { pipelines: { traces/b: { receivers: [failover], exporters: [otlp] } } }
`,
    `
# expected: an outage of 10m, 100 requests and 1 MB each second
exporters: { otlp: { sending_queue: { queue_size: 60000, storage: file_storage } } }
connectors: { failover: { priority_levels: [[traces/a], [traces/b]] } }
service: { pipelines: { traces/b: { receivers: [failover], exporters: [otlp] } } }
`,
    `
exporters: { otlp: { sending_queue: { queue_size: 5, storage: file_storage } } }
connectors: { failover: { priority_levels: [[traces/a], [traces/b]] } }
service: { pipelines: { traces/b: { receivers: [failover], exporters: [otlp] } } }
`,
  ],
}

function* lastQueues(graph: Graph): Generator<{ component: Component; queue: Queue }> {
  for (const { exporter, place } of placedExporters(graph)) {
    const { queue } = sendingOf(exporter)
    if (place.isLast && queue?.enabled.value) yield { component: exporter, queue }
  }
  for (const { component, queue } of graph.failovers.filter(one => waitsFor(one, graph))) yield { component, queue }
}

// Its consumers wait for the calls that they make: a last level that retries holds them, and one that does not has dropped the data.
const waitsFor = (failover: Failover, graph: Graph): boolean =>
  failover.queue.enabled.value &&
  placedExporters(graph).some(({ exporter, place }) => {
    const { queue, retry } = sendingOf(exporter)
    return place.isLast && place.failover === failover && !hides(queue) && retry?.enabled.value === true
  })
