import type { Finding } from '../validate/check.ts'
import { SEVERITIES } from '../validate/rule.ts'
import { json } from './json.ts'
import type { Format } from './report.ts'

/** Findings for a program. Lines and columns count from 1, lengths in UTF-16 units. */
export const findingsJson: Format = ({ findings, suppressed, baseline, files, cards }) =>
  json({
    files,
    summary: Object.fromEntries(
      SEVERITIES.map(severity => [severity, findings.filter(finding => finding.severity === severity).length]),
    ),
    findings: findings.map(plainFinding),
    suppressed: suppressed.map(({ finding, justification, line }) => ({
      ...plainFinding(finding),
      justification,
      suppressed_on_line: line,
    })),
    baseline: baseline ? { hidden: baseline.hidden, gone: baseline.gone } : null,
    ...(cards ? { cards } : {}),
  })

const plainFinding = ({ rule, severity, kind, at, message, hint, fix }: Finding) => ({
  rule,
  severity,
  kind,
  file: at.file,
  line: at.line,
  column: at.column,
  length: at.length,
  message,
  hint: hint ?? null,
  fix: fix?.title ?? null,
})
