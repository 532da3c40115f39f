import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const ambiguousId: Rule = {
  id: 'ambiguous-id',
  severity: 'error',
  kind: 'refused',
  title: 'No connector has the id of a receiver or exporter',
  why: `A pipeline names receivers, exporters and connectors in the same lists. An id that is two of them is refused: "ambiguous ID: Found both … connector and …"
(core 0.161.0, otelcol/config.go).`,

  *check({ components }) {
    for (const { id, at } of components.connectors.values()) {
      const twin = (['receivers', 'exporters'] as const).find(section => components[section].has(id))
      if (!twin) continue
      yield {
        at,
        message: `${quote(id)} is a connector, and one of the ${twin}: a pipeline cannot tell which is meant`,
        hint: `Give it a name of its own, such as ${quote(`${id}/connector`)}, here and in the pipelines.`,
      }
    }
  },

  bad: ['exporters: { failover: }\nconnectors: { «failover»: , forward: }'],

  good: ['exporters: { failover/x: }\nconnectors: { failover: }\nprocessors: { failover: }'],
}
