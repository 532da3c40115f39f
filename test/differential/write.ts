import { stringify } from 'yaml'
import type { Choices } from './choices.ts'
import type { Node, Tree } from './skeleton.ts'

/** The config as one or two files, in block or flow style, with anchors and merges, and now and then a broken line. */
export function write(config: Tree, choices: Choices): string[] {
  const style = choices.pick(['block', 'any', 'flow'] as const)
  const parts = choices.chance(8) ? split(config, choices) : [config]
  const texts = parts.map(part => withSpecials(withAnchors(stringify(part, { collectionStyle: style, lineWidth: 0 }), choices)))
  if (choices.chance(8)) texts[0] = spoil(texts[0] as string, choices)
  return texts
}

// `@@0x1F` is a text that must stand there without quotes.
const withSpecials = (text: string) => text.replace(/(["']?)@@([^"'\n,\]}]+)\1/g, '$2')

/** What stands in both files is merged: sections are cut in two, or the second file changes something in the first. */
function split(config: Tree, choices: Choices): Tree[] {
  const [first, second]: [Tree, Tree] = [{}, {}]
  for (const [key, value] of Object.entries(config)) {
    const place = choices.below(3)
    if (place !== 1) first[key] = value
    if (place !== 0) second[key] = place === 2 ? half(value) : value
  }
  return choices.chance(10) ? [first, second, {}] : [first, second]
}

const half = (node: Node): Node =>
  typeof node === 'object' && node !== null && !Array.isArray(node)
    ? Object.fromEntries(Object.entries(node).filter((_, index) => index % 2 === 0))
    : node

/** Every second list or map of flow style that stands behind a key gets an anchor, or a merge key. */
function withAnchors(text: string, choices: Choices): string {
  if (!choices.chance(15)) return text
  const form = choices.below(4)
  if (form === 0) return `x: &a { timeout: 5s }\n${text}`
  if (form === 1) return text.replace(/^( +)(timeout|endpoint|path): (.+)$/m, '$1$2: &a $3')
  if (form === 2) return text.replace(/^( +)(endpoint|path): (.+)$/m, '$1<<: { $2: $3 }')
  return text.replace(/^( +)(endpoint|path|enabled): (.+)$/m, '$1$2: &a $3\n$1<<: *a')
}

/** What only a text can have: broken syntax, duplicates, several documents, characters at the edge. */
function spoil(text: string, choices: Choices): string {
  const lines = text.split('\n')
  const index = choices.below(lines.length)
  const line = lines[index] as string
  const with_ = (...changed: string[]) => lines.toSpliced(index, 1, ...changed).join('\n')
  const ways = [
    () => with_(line, line),
    () => with_(),
    () => with_(`\t${line}`),
    () => with_(` ${line}`),
    () => with_(line.replace(':', '')),
    () => with_(line.replace(': ', ':')),
    () => with_(`${line} # comment`),
    () => with_(`${line}#`),
    () => with_(`${line}"`),
    () => with_(line, '---', 'x: ['),
    () => with_(line, '...'),
    () => `---\n${text}`,
    () => `\ufeff${text}`,
    () => text.replaceAll('\n', '\r\n'),
    () => text.slice(0, Math.floor((text.length * (index + 1)) / lines.length) - 1),
    () => '',
    () => '# nothing\n',
    () => `${text}\nservice:\n`,
    () => with_(line.replace(/: (.+)$/, ': *nobody')),
    () => with_(line.replace(/: (.+)$/, ': !custom $1')),
    () => with_(line.replace(/: (.+)$/, ': |\n      $1')),
    () => with_(line.replace(/: (.+)$/, ": '$1'")),
  ]
  return choices.pick(ways)()
}
