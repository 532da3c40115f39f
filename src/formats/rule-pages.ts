import { type Description, describe, MEANINGS } from '../validate/describe.ts'
import type { Topic } from '../validate/remarks.ts'

/** The pages of docs/rules/ by their file names: one a rule, and the list of all. */
export const rulePages = (topics: Iterable<Topic>): Map<string, string> => {
  const all = [...topics]
  return new Map([['README.md', index(all)], ...all.map(topic => [`${topic.id}.md`, page(describe(topic))] as const)])
}

const GENERATED = '<!-- Written by `npm run docs` from the rule itself; change it there. -->\n'

function page({ topic, meaning, why, bad, good, suppression }: Description): string {
  const wrongs = bad.map(({ lines, says }) => {
    const quotes = says.map(({ severity, text }) => `> ${severity}[${topic.id}]: ${text}`)
    return [fence(lines.map(({ text }) => text).join('\n')), ...quotes].join('\n\n')
  })
  const parts = [
    `# ${topic.title}`,
    GENERATED.trim(),
    `\`${topic.id}\` · ${topic.severity} · ${topic.kind}: ${meaning}`,
    ...why,
    '## Wrong',
    ...wrongs,
    '## Right',
    ...good.map(fence),
    ...(suppression ? ['## Where it does not matter', fence(suppression)] : []),
  ]
  return `${parts.join('\n\n')}\n`
}

const fence = (code: string): string => `\`\`\`yaml\n${code}\n\`\`\``

function index(topics: readonly Topic[]): string {
  const groups = Object.entries(MEANINGS).flatMap(([kind, meaning]) => {
    const rows = topics
      .filter(topic => topic.kind === kind)
      .map(({ id, severity, title }) => `| [${id}](${id}.md) | ${severity} | ${title.replaceAll('|', '\\|')} |`)
    return rows.length === 0
      ? []
      : [
          `## ${kind}: ${meaning}`,
          ['| rule | severity | what holds in a good config |', '| --- | --- | --- |', ...rows].join('\n'),
        ]
  })
  const intro = `\`failoverctl explain <rule>\` prints the same pages. What \`refused\` rules find is always an error.`
  return `${['# Rules', GENERATED.trim(), `${topics.length} kinds of findings. ${intro}`, ...groups].join('\n\n')}\n`
}
