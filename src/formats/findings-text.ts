import type { Painter } from '../core/paint.ts'
import type { Finding } from '../validate/check.ts'
import { SEVERITIES, type Severity } from '../validate/rule.ts'
import { cardText } from './card-text.ts'
import type { Report } from './report.ts'
import { sourceFrame } from './source-frame.ts'
import { wrap } from './wrap.ts'

/** Findings for a person: what weighs first, each with its line and what to write instead, then remarks in short, then how many there are. */
export function findingsText(report: TextReport): string {
  const { findings, texts, paint } = report
  const frames = findings.filter(({ severity }) => severity !== 'info').map(finding => frame(finding, report))
  const remarks = alike(findings.filter(({ severity }) => severity === 'info')).map(group => remark(group, report))
  const gone = report.baseline?.gone ?? []
  const old = gone.map(({ rule, file, line }) => `gone since the baseline: ${rule} in ${file} (was on line ${line})\n`).join('')
  return [
    ...frames,
    ...(remarks.length > 0 ? [remarks.join('')] : []),
    `${old}${summary(findings, texts.size, paint)}${paint.dim(hidden(report))}\n`,
    ...(report.cards ? [cardText(report.cards, paint)] : []),
  ].join('\n')
}

/** What needs no report around it: `lab` prints findings, too. */
type TextReport = Pick<Report, 'findings' | 'texts' | 'paint'> &
  Partial<Pick<Report, 'suppressed' | 'baseline' | 'cards' | 'columns'>>

// Nobody should believe that there is nothing where something is only not shown.
function hidden({ suppressed = [], baseline }: TextReport): string {
  const counts = [
    ...(suppressed.length > 0 ? [`${suppressed.length} suppressed by comments`] : []),
    ...(baseline ? [`${baseline.hidden} hidden by the baseline`] : []),
  ]
  return counts.length > 0 ? ` (${counts.join(', ')})` : ''
}

function frame(finding: Finding, { texts, paint, columns }: TextReport): string {
  const { rule, severity, at, message, hint } = finding
  const mark = colourOf(severity, paint)
  const indent = ' '.repeat(String(at.line).length)
  const width = columns ?? Number.POSITIVE_INFINITY
  const head = `${severity}[${rule}]`
  const [first = '', ...rest] = wrap(`${head}: ${message}`, width - 2)
  const [start, ...more] = hint ? wrap(hint, width - indent.length - 3) : []
  const lines = [
    `${mark(paint.bold(head))}${paint.bold(first.slice(head.length))}`,
    ...rest.map(line => paint.bold(`  ${line}`)),
    `${indent}${paint.blue('-->')} ${at.file}:${at.line}:${at.column}`,
    ...sourceFrame(at, texts.get(at.file), { mark, paint, columns }),
    ...(start ? [`${indent} ${paint.cyan('=')} ${start}`, ...more.map(line => `${indent}   ${line}`)] : []),
  ]
  return `${lines.join('\n')}\n`
}

// Without the source line: many of them would bury what weighs.
function remark([first, ...others]: Group, { paint, columns }: TextReport): string {
  const { rule, severity, at, message, hint } = first
  const width = (columns ?? Number.POSITIVE_INFINITY) - 4
  const head = `${colourOf(severity, paint)(`${severity}[${rule}]`)} ${paint.dim(`${at.file}:${at.line}:${at.column}${andLines(others)}`)}`
  const [start, ...more] = hint ? wrap(hint, width) : []
  const lines = [...wrap(message, width), ...(start ? [`${paint.cyan('=')} ${start}`, ...more.map(line => `  ${line}`)] : [])]
  return `${head}\n${lines.map(line => `  ${line}\n`).join('')}`
}

type Group = readonly [Finding, ...Finding[]]

/** What is said of several places of a file in the same words is said once, where it stands first. */
function alike(findings: readonly Finding[]): Group[] {
  const groups = new Map<string, [Finding, ...Finding[]]>()
  for (const finding of findings) {
    const said = JSON.stringify([finding.rule, finding.at.file, finding.message, finding.hint])
    const group = groups.get(said)
    if (group) group.push(finding)
    else groups.set(said, [finding])
  }
  return Array.from(groups.values())
}

function andLines(others: readonly Finding[]): string {
  if (others.length === 0) return ''
  const lines = [...new Set(others.map(({ at }) => at.line))]
  const more = lines.length > MOST_LINES ? ` and ${lines.length - MOST_LINES} more` : ''
  return `, ${lines.slice(0, MOST_LINES).join(', ')}${more}`
}

const MOST_LINES = 6

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
