import { FailoverctlError } from '../core/errors.ts'
import type { Finding } from './check.ts'
import { SEVERITIES } from './rule.ts'
import { topicCalled } from './topics.ts'

export const LEVELS = ['off', ...SEVERITIES] as const
export type Level = (typeof LEVELS)[number]

/** What rules count for in this project, by their id. */
export type Levels = ReadonlyMap<string, Level>

/** `same-backend=warning`. Throws `wrong-use` for a rule that there is not, or one that cannot be changed. */
export function parseLevel(text: string): readonly [string, Level] {
  const [, id = '', word = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? []
  if (id === '') throw new FailoverctlError('wrong-use', `\`${text}\` is not rule=severity`, 'Example: same-backend=warning')
  const topic = topicCalled(id)
  const level = LEVELS.find(known => known === word)
  if (!level) throw new FailoverctlError('wrong-use', `\`${id}\` cannot be \`${word}\``, `It is one of ${LEVELS.join(', ')}.`)
  if (topic.kind === 'refused')
    throw new FailoverctlError('wrong-use', `\`${id}\` is always an error: a collector does not start with what it finds`)
  return [id, level]
}

/** The findings as the project counts them. What a collector refuses stays an error whatever the project says. */
export function applyLevels(findings: readonly Finding[], levels: Levels): Finding[] {
  if (levels.size === 0) return [...findings]
  return findings.flatMap(finding => {
    const level = finding.kind === 'refused' ? undefined : levels.get(finding.rule)
    if (level === 'off') return []
    return [level ? { ...finding, severity: level } : finding]
  })
}

export const switchedOff = (levels: Levels): Set<string> =>
  new Set(Array.from(levels).flatMap(([id, level]) => (level === 'off' ? [id] : [])))
