import { type Document, isAlias, isMap, isScalar, isSeq, Lexer, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'
import { NotEditable, type Path } from './change.ts'

/** A YAML document with the text that it was read from: offsets of the one are offsets in the other. */
export interface Tree {
  readonly text: string
  readonly document: Document.Parsed
  /** `\r\n` or `\n`, as the text has it. */
  readonly eol: string
}

export interface Comment {
  readonly start: number
  readonly text: string
}

/** Where a path ends: the last node on it, what owns that node, and the steps that lead on to nothing. */
export interface End {
  readonly node: unknown
  readonly owner: Owner | undefined
  readonly missing: Path
}

/** The place of a node in the collection around it. */
export interface Owner {
  readonly collection: YAMLMap | YAMLSeq
  readonly index: number
  /** The collection's own place. */
  readonly owner: Owner | undefined
}

export function treeOf(text: string, document: Document.Parsed): Tree {
  return { text, document, eol: /\r?\n/.exec(text)?.[0] ?? '\n' }
}

/** Follows a path as far as it goes. Refuses to go through an alias, to which other places lead as well. */
export function follow({ document }: Tree, path: Path): End {
  let [node, owner]: [unknown, Owner | undefined] = [document.contents, undefined]
  for (const [done, step] of path.entries()) {
    if (isAlias(node)) throw new NotEditable(`the alias \`*${node.source}\` gives it`)
    const index = isMap(node) ? indexOfKey(node, String(step)) : isSeq(node) && Number(step) in node.items ? Number(step) : -1
    if (index < 0) return { node, owner, missing: path.slice(done) }
    const collection = node as YAMLMap | YAMLSeq
    owner = { collection, index, owner }
    node = isMap(collection) ? (collection.items[index] as Pair).value : collection.items[index]
  }
  return { node, owner, missing: [] }
}

function indexOfKey({ items }: YAMLMap, key: string): number {
  const keys = items.map(pair => (isScalar(pair.key) ? String(pair.key.value) : ''))
  if (keys.some(other => other.startsWith(`${key}::`))) throw new NotEditable('it is written with `::`')
  return keys.indexOf(key)
}

/** The last character of what stands at an owner's place, comments behind it left out. */
export function endOf(tree: Tree, { collection, index }: Owner): number {
  if (isSeq(collection)) return endOfNode(tree, collection.items[index]) ?? 0
  const pair = collection.items[index] as Pair
  return endOfNode(tree, pair.value) ?? colonOf(tree, pair) + 1
}

function endOfNode(tree: Tree, node: unknown): number | undefined {
  if ((isMap(node) || isSeq(node)) && !node.flow && node.items.length > 0)
    return endOf(tree, { collection: node, index: node.items.length - 1, owner: undefined })
  const [start, end] = (node as Node | null)?.range ?? [0, 0]
  const { length } = tree.text.slice(start, end).trimEnd()
  return length > 0 ? start + length : undefined
}

/** Where an item or the key of a pair begins. */
export function startOf({ collection, index }: Owner): number {
  const item = collection.items[index]
  const node = (isSeq(collection) ? item : (item as Pair).key) as Node | null
  if (!node?.range || (!isAlias(node) && (node.anchor || node.tag))) throw new NotEditable('an anchor or a tag stands before it')
  return node.range[0]
}

export function colonOf({ text }: Tree, { key }: Pair): number {
  const end = (key as Node).range?.[1] ?? 0
  const [found] = /^[ \t]*:/.exec(text.slice(end)) ?? []
  if (found === undefined) throw new NotEditable('its key is written in an unusual way')
  return end + found.length - 1
}

export const lineStart = ({ text }: Tree, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1

/** The end of the line, before its line break. */
export function lineEnd({ text }: Tree, offset: number): number {
  const found = text.indexOf('\n', offset)
  if (found < 0) return text.length
  return text[found - 1] === '\r' ? Math.max(offset, found - 1) : found
}

/** What stands on the line before the offset. */
export const before = (tree: Tree, offset: number): string => tree.text.slice(lineStart(tree, offset), offset)

export const commentsBetween = ({ text }: Tree, start: number, end: number): string[] =>
  (text.slice(start, end).includes('#') ? commentsIn(text) : [])
    .filter(comment => comment.start >= start && comment.start < end)
    .map(({ text }) => text)

// The lexer announces a scalar with a control character, so that a `#` in a text is no comment.
function commentsIn(text: string): Comment[] {
  const found: Comment[] = []
  const lexer = new Lexer()
  let [offset, previous] = [0, '']
  for (const lexeme of lexer.lex(text)) {
    if (lexeme === '[' || lexeme === '{') Reflect.set(lexer, 'indentNext', 0)
    if (lexeme.startsWith('#') && previous !== '\x1f') found.push({ start: offset, text: lexeme.trimEnd() })
    if (!['\x02', '\x18', '\x1f'].includes(lexeme)) offset += lexeme.length
    previous = lexeme
  }
  return found
}
