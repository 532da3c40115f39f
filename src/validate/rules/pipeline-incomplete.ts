import type { Rule } from '../rule.ts'
import { list, quote } from '../words.ts'

export const pipelineIncomplete: Rule = {
  id: 'pipeline-incomplete',
  severity: 'error',
  kind: 'refused',
  title: 'A pipeline has a receiver and an exporter',
  why: `The collector does not start with a pipeline that lacks either
(core 0.161.0, service/pipelines/config.go: "must have at least one receiver").`,

  *check({ pipelines }) {
    for (const { id, at, receivers, exporters } of pipelines.values()) {
      const missing = [receivers.length === 0 ? 'receivers' : '', exporters.length === 0 ? 'exporters' : ''].filter(Boolean)
      if (missing.length > 0)
        yield { at, message: `${quote(id)} has no ${list(missing)}`, hint: 'Add what is missing, or remove the pipeline.' }
    }
  },

  bad: [
    'service: { pipelines: { «traces/a»: { receivers: [otlp] }, «traces/b»: { receivers: [], exporters: [otlp] }, «logs»: } }',
  ],

  good: ['service: { pipelines: { traces: { receivers: [otlp], exporters: [otlp] } } }'],
}
