import type { Component, Graph, Queue } from '../../collector/graph.ts'
import { sendingOf } from '../../collector/sending.ts'
import { queueOff } from '../fixes/behind-connector.ts'
import { hides, type Placed, placedExporters, placedPipelines } from '../levels.ts'
import type { Remark, Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const queueHidesErrors: Rule = {
  id: 'queue-hides-errors',
  severity: 'error',
  kind: 'placebo',
  title: 'No exporter behind a failover connector has a queue of its own',
  why: `An exporter with a sending queue answers "accepted" as soon as the data is in the queue. The connector never sees that the backend is down and
stays at its level; when retries run out, the data is dropped. The queue of otlp and otlphttp exporters is on unless the config says otherwise
(core 0.161.0, exporter/exporterhelper; measured: primary stopped, no failover at all, the secondary received nothing).`,

  *check(graph) {
    const exporters = placedExporters(graph).map(({ exporter, place }) => ({
      component: exporter,
      place,
      queue: sendingOf(exporter).queue,
    }))
    for (const { component, place, queue } of [...exporters, ...nestedConnectors(graph)]) {
      if (queue && hides(queue) && !(place.isLast && queue.storage)) yield remarkOn(component, queue, place, graph)
    }
  },

  bad: [
    `
exporters:
  otlp/primary: { sending_queue: { enabled: «true» } }
  «otlp/second»:
  otlphttp/third: { «sending_queue»: { queue_size: 10 } }
  «otlp/last»:
connectors:
  failover: { priority_levels: [[traces/primary], [traces/second, traces/third], [traces/last]] }
service:
  pipelines:
    traces/primary: { receivers: [failover], exporters: [otlp/primary] }
    traces/second: { receivers: [failover], exporters: [otlp/second] }
    traces/third: { receivers: [failover], exporters: [otlphttp/third] }
    traces/last: { receivers: [failover], exporters: [otlp/last] }
`,
    `
exporters:
  «otlp»:
connectors:
  failover: { priority_levels: [[traces/near], [traces/far]], sending_queue: { enabled: false } }
  «failover/inner»: { priority_levels: [[traces/inner]] }
  forward:
service:
  pipelines:
    traces/near: { receivers: [failover], exporters: [forward] }
    traces/behind: { receivers: [forward], exporters: [failover/inner] }
    traces/inner: { receivers: [failover/inner], exporters: [otlp] }
    traces/far: { receivers: [failover], exporters: [file] }
`,
  ],

  good: [
    `
exporters:
  otlp/primary: { sending_queue: { enabled: false } }
  otlp/second: { sending_queue: { wait_for_result: true } }
  file/backup:
  otlp/last: { sending_queue: { storage: file_storage } }
  otlp/elsewhere:
connectors:
  failover: { priority_levels: [[traces/primary], [traces/second], [traces/backup], [traces/last]] }
service:
  pipelines:
    traces/primary: { receivers: [failover], exporters: [otlp/primary] }
    traces/second: { receivers: [failover], exporters: [otlp/second] }
    traces/backup: { receivers: [failover], exporters: [file/backup] }
    traces/last: { receivers: [failover], exporters: [otlp/last] }
    traces/elsewhere: { receivers: [otlp], exporters: [otlp/elsewhere] }
`,
  ],
}

function* nestedConnectors(graph: Graph): Generator<{ component: Component; place: Placed; queue: Queue }> {
  for (const place of placedPipelines(graph)) {
    for (const { id } of place.pipeline.exporters) {
      const nested = graph.failovers.find(({ component }) => component.id === id && component !== place.failover.component)
      if (nested) yield { component: nested.component, queue: nested.queue, place }
    }
  }
}

function remarkOn(component: Component, { enabled }: Queue, { failover, level, isLast }: Placed, graph: Graph): Remark {
  const { id } = component
  const name = quote(id)
  const queue = enabled.stated ? 'its sending queue' : 'its sending queue, which is on by default,'
  const hint = `Set \`sending_queue: {enabled: false}\` on ${name}.`
  if (!isLast) {
    const message = `${name} accepts data into ${queue} before it is delivered: ${quote(failover.component.id)} sees no error and does not leave level ${level.index}`
    return { at: enabled.at, message, hint, fix: queueOff(component, graph) }
  }
  return {
    at: enabled.at,
    message: `${name} accepts data into ${queue} before it is delivered: what waits there is lost when the collector dies or retries run out`,
    hint: `${hint} Or give the queue a \`storage\`.`,
    severity: 'info',
    kind: 'loss',
  }
}
