import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const listedTwice: Rule = {
  id: 'listed-twice',
  severity: 'warning',
  kind: 'advice',
  title: 'A pipeline names a component once',
  why: `The collector does not start with a processor that a pipeline lists twice (core 0.161.0, service/pipelines: "references processor … multiple
times"). A receiver or exporter that is listed twice it takes, and uses once (measured on core 0.161.0).`,

  *check({ pipelines }) {
    for (const { id, receivers, processors, exporters } of pipelines.values()) {
      for (const list of [receivers, processors, exporters]) {
        const seen = new Set<string>()
        for (const reference of list) {
          const refused = list === processors ? ({ severity: 'error', kind: 'refused' } as const) : {}
          const message = `${quote(id)} lists ${quote(reference)} twice`
          if (seen.has(reference.id)) yield { at: reference.at, message, hint: 'Remove one of them.', ...refused }
          seen.add(reference.id)
        }
      }
    }
  },

  bad: [
    'service: { pipelines: { traces: { receivers: [otlp, «otlp»], processors: [batch, «batch»], exporters: [otlp, debug, «otlp»] } } }',
  ],

  good: [
    'service: { pipelines: { traces: { receivers: [otlp], processors: [batch, batch/2], exporters: [otlp] }, logs: { receivers: [otlp] } } }',
  ],
}
