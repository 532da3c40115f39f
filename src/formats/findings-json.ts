import type { Finding } from '../validate/check.ts'
import { SEVERITIES } from '../validate/rule.ts'
import { json } from './json.ts'

/** Findings for a program. Lines and columns count from 1, lengths in UTF-16 units. */
export const findingsJson = (findings: readonly Finding[], files: readonly string[]): string =>
  json({
    files,
    summary: Object.fromEntries(
      SEVERITIES.map(severity => [severity, findings.filter(finding => finding.severity === severity).length]),
    ),
    findings: findings.map(({ rule, severity, kind, at, message, hint }) => ({
      rule,
      severity,
      kind,
      file: at.file,
      line: at.line,
      column: at.column,
      length: at.length,
      message,
      hint: hint ?? null,
    })),
  })
