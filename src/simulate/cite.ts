import type { Graph } from '../collector/graph.ts'
import type { At } from '../source/value.ts'
import type { Finding } from '../validate/check.ts'
import type { Why } from './result.ts'

export type Cited = Pick<Why, 'what' | 'rule' | 'file' | 'line'>
/** What is said, with the first finding of these rules that speaks of the component, or that is the only one; else the component's own place. */
export type Cite = (what: string, rules: readonly string[], component: string, at?: At) => Cited

export function citing(graph: Graph, findings: readonly Finding[]): Cite {
  return (what, rules, component, at) => {
    const among = rules.flatMap(rule => findings.filter(finding => finding.rule === rule))
    const found = among.find(({ message }) => message.includes(`\`${component}\``)) ?? (among.length === 1 ? among[0] : undefined)
    const place = found?.at ?? at ?? placeOf(graph, component)
    return { what, rule: found?.rule ?? null, file: place?.file ?? null, line: place?.line ?? null }
  }
}

const placeOf = ({ components }: Graph, id: string): At | undefined =>
  [components.connectors, components.exporters, components.processors].map(each => each.get(id)?.at).find(at => at !== undefined)
