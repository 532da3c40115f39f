import { CHART } from '../source/unwrap.ts'
import type { Checked, Finding } from './check.ts'
import { workloadFindings } from './workloads.ts'

type Part = Pick<Checked, 'graph' | 'findings'>

/** Joins what is found in the configs of one file of manifests. The graph is that of the first one that fails over. */
export async function checkWrapped(first: Checked, count: number, check: (nth: number) => Promise<Part>): Promise<Checked> {
  const parts: Part[] = [first]
  while (parts.length < count) parts.push(await check(parts.length))
  const findings = parts.flatMap((part, nth) => part.findings.filter(isInFile).map(finding => ofPart(finding, nth)))
  const [file = ''] = first.files
  for (const part of parts) findings.push(...workloadFindings(file, first.texts.get(file) ?? '', part.graph))
  const { graph } = parts.find(part => part.graph.failovers.length > 0) ?? first
  return { ...first, graph, findings: once(findings).sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column) }
}

// Several configs in a file can be about the same line of a manifest.
const once = (findings: readonly Finding[]) => [...new Map(findings.map(finding => [JSON.stringify(finding), finding])).values()]

// What a chart adds by itself is not the person's.
const isInFile = ({ at }: Finding) => at.file !== CHART

const ofPart = (finding: Finding, nth: number): Finding =>
  finding.fix && nth > 0 ? { ...finding, fix: { ...finding.fix, nth } } : finding
