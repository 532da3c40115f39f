import { type Graph, type Reference, SECTIONS, type Section } from '../../collector/graph.ts'
import { nearest } from '../../core/nearest.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

interface Use {
  readonly user: string
  readonly verb: string
  readonly sections: readonly Section[]
  readonly references: readonly Reference[]
}

export const undefinedComponent: Rule = {
  id: 'undefined-component',
  severity: 'error',
  kind: 'refused',
  title: 'Everything that a pipeline names is configured',
  why: `The collector builds no pipeline from a name that no section configures, and tells only the first one, without a line
(core 0.161.0, otelcol/config.go: "references exporter … which is not configured").`,

  *check(graph) {
    for (const { user, verb, sections, references } of usesIn(graph)) {
      const known = sections.flatMap(section => [...graph.components[section].keys()])
      for (const reference of references) {
        if (known.includes(reference.id)) continue
        yield {
          at: reference.at,
          message: `${user} ${verb} ${quote(reference)}, which is not configured`,
          hint: hintFor(reference, sections, known, graph),
        }
      }
    }
  },

  bad: [
    `
exporters: { file/backup: }
receivers: { otlp: }
service:
  pipelines:
    traces: { receivers: [«otlpp»], exporters: [«file/bakcup»] }
`,
    `
extensions: { file_storage: }
service:
  extensions: [file_storage, «health_check»]
`,
  ],

  good: [
    `
receivers: { otlp: }
processors: { batch: }
connectors: { failover: }
service:
  pipelines:
    traces: { receivers: [otlp], processors: [batch], exporters: [failover] }
`,
  ],
}

function* usesIn({ pipelines, extensions }: Graph): Generator<Use> {
  for (const { id, receivers, processors, exporters } of pipelines.values()) {
    const user = quote(id)
    yield { user, verb: 'receives from', sections: ['receivers', 'connectors'], references: receivers }
    yield { user, verb: 'uses the processor', sections: ['processors'], references: processors }
    yield { user, verb: 'exports to', sections: ['exporters', 'connectors'], references: exporters }
  }
  yield { user: '`service`', verb: 'switches on', sections: ['extensions'], references: extensions }
}

function hintFor({ id }: Reference, sections: readonly Section[], known: readonly string[], { components }: Graph): string {
  const meant = nearest(id, known)
  if (meant) return `Did you mean ${quote(meant)}?`
  const elsewhere = SECTIONS.find(section => components[section].has(id))
  if (elsewhere) return `It is one of the ${elsewhere}, and cannot stand here.`
  return `Configure it under ${sections.map(section => `\`${section}\``).join(' or ')}, or remove it here.`
}
