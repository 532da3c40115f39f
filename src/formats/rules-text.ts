import type { Painter } from '../core/paint.ts'
import { MEANINGS } from '../validate/describe.ts'
import type { Topic } from '../validate/remarks.ts'
import type { Severity } from '../validate/rule.ts'

/** All rules in a table, those that matter most first. */
export function rulesText(topics: readonly Topic[], paint: Painter): string {
  const width = Math.max(...topics.map(({ id }) => id.length))
  const colour = (severity: Severity) => ({ error: paint.red, warning: paint.yellow, info: paint.blue })[severity]
  const row = ({ id, severity, title }: Topic) => `  ${id.padEnd(width)}  ${colour(severity)(severity.padEnd(7))}  ${title}`
  const groups = Object.entries(MEANINGS).flatMap(([kind, meaning]) => {
    const rows = topics.filter(topic => topic.kind === kind).map(row)
    return rows.length === 0 ? [] : [[paint.bold(`${kind}: ${meaning}`), ...rows].join('\n')]
  })
  return `${groups.join('\n\n')}\n`
}
