import { nearest } from '../core/nearest.ts'
import { comments } from '../source/comments.ts'
import type { At } from '../source/value.ts'
import type { Finding } from './check.ts'
import { TOPICS, unknownRule } from './topics.ts'

/** A finding that a comment in the config switches off. */
export interface Suppressed {
  readonly finding: Finding
  /** What the comment says after `--`. */
  readonly justification: string
  /** The line of the comment. */
  readonly line: number
}

/** The line that each directive speaks of, seen from its own; undefined is the whole file. */
const DIRECTIVES = new Map<string, (line: number, lines: readonly string[]) => number | undefined>([
  ['disable', () => undefined],
  ['disable-line', line => line],
  ['disable-next-line', nextLineWithCode],
])

interface Suppression {
  readonly rule: string
  readonly at: At
  readonly line: number | undefined
  readonly reason: string
}

interface Directives {
  readonly suppressions: readonly Suppression[]
  /** About comments that do not work. */
  readonly findings: readonly Finding[]
}

/**
 * Takes out what comments in the files switch off, and adds what is wrong with those comments.
 * What a collector refuses stays: it does not start, whatever a comment says. `off` are rules that do not run at all.
 */
export function suppress(
  findings: readonly Finding[],
  texts: ReadonlyMap<string, string>,
  off: ReadonlySet<string>,
): { findings: Finding[]; suppressed: Suppressed[] } {
  const kept: Finding[] = []
  const suppressed: Suppressed[] = []
  const read = Array.from(texts, ([file, text]) => readDirectives(file, text))
  const suppressions = read.flatMap(directives => directives.suppressions)
  const used = new Set<Suppression>()
  for (const finding of findings) {
    const by = suppressions.filter(suppression => concerns(suppression, finding))
    for (const one of by) used.add(one)
    const [first] = by
    if (first && finding.kind !== 'refused') {
      suppressed.push({ finding, justification: first.reason, line: first.at.line })
    } else kept.push(finding)
    if (first && finding.kind === 'refused') kept.push(cannotSuppress(first))
  }
  const unused = suppressions.filter(suppression => !used.has(suppression) && !off.has(suppression.rule)).map(suppressesNothing)
  const own = [...read.flatMap(directives => directives.findings), ...unused].filter(({ rule }) => !off.has(rule))
  return { findings: inOrder([...kept, ...own], [...texts.keys()]), suppressed }
}

const concerns = ({ rule, at, line }: Suppression, finding: Finding): boolean =>
  finding.rule === rule && finding.at.file === at.file && (line === undefined || finding.at.line === line)

function readDirectives(file: string, text: string): Directives {
  if (!text.includes('failoverctl-dis')) return { suppressions: [], findings: [] }
  const lines = text.split(/\r\n|\r|\n/)
  const read = Array.from(comments(text), comment => readDirective(file, comment, lines))
  return { suppressions: read.flatMap(one => one.suppressions), findings: read.flatMap(one => one.findings) }
}

const NOTHING: Directives = { suppressions: [], findings: [] }

interface Placed {
  readonly line: number
  readonly column: number
  readonly text: string
}

function readDirective(file: string, { line, column, text }: Placed, lines: readonly string[]): Directives {
  const [, lead = '', directive = '', body = ''] = /^(#+\s*)failoverctl-([\w-]+)(.*)$/.exec(text) ?? []
  const place = (start: number, length: number): At => ({ file, line, column: column + start, length })
  const whole = place(lead.length, text.trimEnd().length - lead.length)
  const lineOf = DIRECTIVES.get(directive)
  if (!lineOf) {
    const meant = directive && nearest(directive, DIRECTIVES.keys())
    return meant ? wrong(whole, `\`failoverctl-${directive}\` is not known`, `Write \`failoverctl-${meant}\`.`) : NOTHING
  }
  const [names = '', reason = ''] = splitReason(body)
  const bodyStart = text.length - body.length
  const words = Array.from(names.matchAll(/[^\s,]+/g), ({ 0: rule, index }) => ({
    rule,
    at: place(bodyStart + index, rule.length),
  }))
  if (words.length === 0)
    return wrong(whole, 'this suppression names no rule', `Write \`failoverctl-${directive} rule -- reason\`.`)
  const unknown = words.filter(({ rule }) => !TOPICS.has(rule))
  const findings = unknown.map(({ rule, at }) => bad(at, unknownRule(rule), 'All of them: failoverctl rules'))
  if (reason === '') findings.push(bad(whole, 'this suppression gives no reason, so it does nothing', 'Write why, after ` -- `.'))
  const known = reason === '' ? [] : words.filter(({ rule }) => TOPICS.has(rule))
  return { findings, suppressions: known.map(({ rule, at }) => ({ rule, at, reason, line: lineOf(line, lines) })) }
}

function splitReason(body: string): [string, string] {
  const cut = /(?:^|\s)--(?:\s|$)/.exec(body)
  return cut ? [body.slice(0, cut.index), body.slice(cut.index + cut[0].length).trim()] : [body, '']
}

// Other comments may stand between, so that several suppressions can be written above one line.
function nextLineWithCode(line: number, lines: readonly string[]): number {
  const next = lines.findIndex((text, index) => index >= line && !/^\s*(#.*)?$/.test(text))
  return next < 0 ? line + 1 : next + 1
}

const bad = (at: At, message: string, hint: string): Finding => ({
  rule: 'bad-suppression',
  severity: 'warning',
  kind: 'advice',
  at,
  message,
  hint,
})

const wrong = (at: At, message: string, hint: string): Directives => ({ suppressions: [], findings: [bad(at, message, hint)] })

const cannotSuppress = ({ rule, at }: Suppression): Finding =>
  bad(at, `\`${rule}\` cannot be suppressed here: a collector does not start with this config`, 'Fix what it says.')

const suppressesNothing = ({ rule, at, line }: Suppression): Finding => ({
  rule: 'unused-suppression',
  severity: 'info',
  kind: 'advice',
  at,
  message: `there is no \`${rule}\` ${line === undefined ? 'in this file' : `on line ${line}`} that this comment could suppress`,
  hint: 'Take it out.',
})

/** In the order of the files, lines and columns; each thing once. */
function inOrder(findings: readonly Finding[], files: readonly string[]): Finding[] {
  const once = new Map(findings.map(finding => [JSON.stringify([finding.rule, finding.at, finding.message]), finding]))
  return [...once.values()].sort(
    (a, b) => files.indexOf(a.at.file) - files.indexOf(b.at.file) || a.at.line - b.at.line || a.at.column - b.at.column,
  )
}
