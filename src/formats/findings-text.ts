import type { Painter } from '../core/paint.ts'
import type { Finding } from '../validate/check.ts'
import { SEVERITIES, type Severity } from '../validate/rule.ts'
import { sourceFrame } from './source-frame.ts'

/** Findings for a person: each with its line and what to write instead, then how many there are. */
export function findingsText(findings: readonly Finding[], texts: ReadonlyMap<string, string>, paint: Painter): string {
  const frames = findings.map(finding => frame(finding, texts.get(finding.at.file), paint))
  return [...frames, `${summary(findings, texts.size, paint)}\n`].join('\n')
}

function frame(finding: Finding, text: string | undefined, paint: Painter): string {
  const { rule, severity, at, message, hint } = finding
  const colour = colourOf(severity, paint)
  const indent = ' '.repeat(String(at.line).length)
  const lines = [
    `${colour(paint.bold(`${severity}[${rule}]`))}${paint.bold(`: ${message}`)}`,
    `${indent}${paint.blue('-->')} ${at.file}:${at.line}:${at.column}`,
    ...sourceFrame(at, text, colour, paint),
    ...(hint ? [`${indent} ${paint.cyan('=')} ${hint}`] : []),
  ]
  return `${lines.join('\n')}\n`
}

function summary(findings: readonly Finding[], files: number, paint: Painter): string {
  const where = `in ${files} file${files === 1 ? '' : 's'}`
  const counts = SEVERITIES.flatMap(severity => {
    const count = findings.filter(finding => finding.severity === severity).length
    return count > 0 ? [colourOf(severity, paint)(`${count} ${NOUNS[severity]}${count === 1 ? '' : 's'}`)] : []
  })
  return counts.length > 0 ? `${counts.join(', ')} ${where}` : paint.green(`no findings ${where}`)
}

const NOUNS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'remark' }

const colourOf = (severity: Severity, paint: Painter) => ({ error: paint.red, warning: paint.yellow, info: paint.blue })[severity]
