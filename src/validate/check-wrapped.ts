import { CHART } from '../source/unwrap.ts'
import { type Checked, type Finding, inOrderOf } from './check.ts'
import { workloadFindings } from './workloads.ts'

type Part = Pick<Checked, 'graph' | 'findings'>

/**
 * Joins what is found in the configs of one file of manifests, or in one config beside files of manifests. The graph is that
 * of the first one that fails over.
 */
export async function checkWrapped(
  first: Checked,
  { count, beside }: { count: number; beside: ReadonlyMap<string, string> },
  check: (nth: number) => Promise<Part>,
): Promise<Checked> {
  const parts: Part[] = [first]
  while (parts.length < count) parts.push(await check(parts.length))
  const findings = parts.flatMap((part, nth) => part.findings.filter(isInFile).map(finding => ofPart(finding, nth)))
  const manifests = new Map([...(count > 0 ? first.texts : []), ...beside])
  for (const part of parts) findings.push(...workloadFindings(manifests, part.graph))
  const { graph } = parts.find(part => part.graph.failovers.length > 0) ?? first
  const texts = new Map([...first.texts, ...beside])
  return { ...first, graph, texts, findings: once(findings).sort(inOrderOf(first.files)) }
}

// Several configs in a file can be about the same line of a manifest.
const once = (findings: readonly Finding[]) => [...new Map(findings.map(finding => [JSON.stringify(finding), finding])).values()]

// What a chart adds by itself is not the person's.
const isInFile = ({ at }: Finding) => at.file !== CHART

const ofPart = (finding: Finding, nth: number): Finding =>
  finding.fix && nth > 0 ? { ...finding, fix: { ...finding.fix, nth } } : finding
