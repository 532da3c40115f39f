import type { Painter } from '../core/paint.ts'
import type { Known } from '../validate/baseline.ts'
import type { Card } from '../validate/card.ts'
import type { Finding } from '../validate/check.ts'
import type { Severity } from '../validate/rule.ts'
import type { Suppressed } from '../validate/suppress.ts'

/** All that `validate` has to say, for every format. */
export interface Report {
  readonly findings: readonly Finding[]
  /** Switched off by a comment: not counted, and not forgotten. */
  readonly suppressed: readonly Suppressed[]
  /** What a baseline hides, and what of it is gone; undefined without one. */
  readonly baseline: { readonly hidden: number; readonly gone: readonly Known[] } | undefined
  readonly files: readonly string[]
  readonly texts: ReadonlyMap<string, string>
  /** What the files would be with the fix of a finding, as far as it has one. */
  readonly fixed?: (finding: Finding) => ReadonlyMap<string, string> | undefined
  /** The current folder, where it is known: a program wants paths from there. */
  readonly folder: string | undefined
  readonly paint: Painter
  /** Of the screen that a person reads it on, where there is one. */
  readonly columns?: number | undefined
  /** With `--card`: how each failover connector behaves in an outage. */
  readonly cards?: readonly Card[]
}

export type Format = (report: Report) => string

/** The path from the current folder, with `/` on every system. What is no path (`<stdin>`) stays. */
export function relativePath(file: string, folder: string | undefined): string {
  const path = file.replaceAll('\\', '/')
  const from = folder && `${folder.replaceAll('\\', '/').replace(/\/$/, '')}/`
  return from && path.startsWith(from) ? path.slice(from.length) : path.replace(/^(?:\.\/+)+/, '')
}

/** The findings of each file, in the order of the files; a file without any has none. */
export const byFile = ({ files, findings }: Report): Map<string, Finding[]> => {
  const groups = new Map<string, Finding[]>([...files, ...findings.map(({ at }) => at.file)].map(file => [file, []]))
  for (const finding of findings) groups.get(finding.at.file)?.push(finding)
  return groups
}

/** The message, and what to write instead. */
export const sayBoth = ({ message, hint }: Finding): string => (hint ? `${message}. ${hint}` : message)

/** What GitHub, SARIF and Checkstyle call it. */
export const word = (severity: Severity, info: string): string => (severity === 'info' ? info : severity)
