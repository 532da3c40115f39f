import { type Baseline, baselineOf, type Compared, compare } from './baseline.ts'
import type { Checked, Finding } from './check.ts'
import { applyLevels, type Levels, switchedOff } from './severities.ts'
import { type Suppressed, suppress } from './suppress.ts'

/** What a project thinks of findings: how bad each is, what a comment excuses, and what is old. */
export interface Policy {
  readonly levels: Levels
  /** Whether comments in the configs may switch findings off. */
  readonly suppressions: boolean
  /** `now`: what is found now counts as old. */
  readonly baseline: Baseline | 'now' | undefined
}

export interface Judged {
  readonly findings: readonly Finding[]
  readonly suppressed: readonly Suppressed[]
  readonly baseline: Baseline | undefined
  readonly compared: Compared | undefined
}

/** Severities first, then comments, then the baseline. What a collector refuses to start with passes through all of them. */
export function judge(
  checked: readonly Pick<Checked, 'findings' | 'texts'>[],
  { levels, suppressions, baseline }: Policy,
): Judged {
  const texts = new Map(checked.flatMap(one => [...one.texts]))
  const parts = checked.map(one => {
    const findings = applyLevels(one.findings, levels)
    if (!suppressions) return { findings, suppressed: [] }
    const rest = suppress(findings, one.texts, switchedOff(levels))
    return { ...rest, findings: applyLevels(rest.findings, levels) }
  })
  const findings = parts.flatMap(part => part.findings)
  const suppressed = parts.flatMap(part => part.suppressed)
  if (!baseline) return { findings, suppressed, baseline: undefined, compared: undefined }
  const used = baseline === 'now' ? baselineOf(findings.filter(isExcusable), texts) : baseline
  const compared = compare(findings.filter(isExcusable), used, texts)
  const hidden = new Set(compared.hidden)
  return { findings: findings.filter(finding => !hidden.has(finding)), suppressed, baseline: used, compared }
}

const isExcusable = ({ kind }: Finding): boolean => kind !== 'refused'
