import { FailoverctlError } from '../core/errors.ts'
import type { Finding } from './check.ts'
import { fingerprint } from './fingerprint.ts'

/** Findings that were there when someone decided to look only at new ones. */
export interface Baseline {
  readonly version: 1
  readonly findings: readonly Known[]
}

export interface Known {
  readonly rule: string
  readonly file: string
  /** Where it was, for a person; it may have moved. */
  readonly line: number
  readonly fingerprint: string
}

type Texts = ReadonlyMap<string, string>

export interface Compared {
  /** What the baseline does not hold. */
  readonly fresh: readonly Finding[]
  readonly hidden: readonly Finding[]
  /** Entries of the baseline, in checked files, that nothing matches any more. */
  readonly gone: readonly Known[]
}

export const baselineOf = (findings: readonly Finding[], texts: Texts): Baseline => ({
  version: 1,
  findings: findings.map(finding => known(finding, texts)),
})

function known({ rule, at }: Finding, texts: Texts): Known {
  return { rule, file: sameFile(at.file), line: at.line, fingerprint: fingerprint(rule, at, texts.get(at.file)) }
}

/** Each entry hides one finding: a second one that looks the same is new. */
export function compare(findings: readonly Finding[], baseline: Baseline, texts: Texts): Compared {
  const left = new Map<string, Known[]>()
  for (const entry of baseline.findings) left.set(keyOf(entry), [...(left.get(keyOf(entry)) ?? []), entry])
  const [fresh, hidden]: [Finding[], Finding[]] = [[], []]
  for (const finding of findings) (left.get(keyOf(known(finding, texts)))?.shift() ? hidden : fresh).push(finding)
  const checked = new Set(Array.from(texts.keys(), sameFile))
  return { fresh, hidden, gone: [...left.values()].flat().filter(({ file }) => checked.has(file)) }
}

const keyOf = ({ rule, file, fingerprint }: Known): string => JSON.stringify([rule, file, fingerprint])

// However the shell wrote it.
const sameFile = (file: string): string => file.replaceAll('\\', '/').replace(/^(?:\.\/+)+/, '')

/** Throws `bad-baseline` for a file that `--write-baseline` did not write. */
export function readBaseline(file: string, text: string): Baseline {
  const data = parse(text) as Partial<Baseline> | undefined
  if (data?.version === 1 && Array.isArray(data.findings) && data.findings.every(isKnown)) return data as Baseline
  throw new FailoverctlError('bad-baseline', `${file}: no baseline of failoverctl`, `Write one: --write-baseline ${file}`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isKnown = (entry: Partial<Known> | null): boolean =>
  typeof entry?.rule === 'string' && typeof entry.file === 'string' && typeof entry.fingerprint === 'string'
