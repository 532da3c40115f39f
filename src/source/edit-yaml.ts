import { type Document, isMap, isScalar, type Pair, type Scalar, visit, type YAMLMap } from 'yaml'
import { FailoverctlError } from '../core/errors.ts'
import { applyToData, type Data, NotEditable, type Path, replaceReference, same, type TextChange } from './change.ts'
import { unflatten } from './merge.ts'
import { firstDocument, readYaml } from './read-yaml.ts'
import { findReference } from './references.ts'
import { removal, type Splice } from './remove-yaml.ts'
import { inBlock, inFlow } from './render-yaml.ts'
import { plain } from './value.ts'
import { before, colonOf, type End, endOf, follow, lineEnd, type Owner, startOf, type Tree, treeOf } from './yaml-tree.ts'

/** The plain data of a config file, references as they are written. */
export const dataOf = (file: string, text: string): Data => plain(unflatten(readYaml(file, text))) as Data

/**
 * The text after a change of its first document. Comments, anchors, layout and all other values stay as they are: the data of
 * the new text is held against what the change says. Throws NotEditable, with the reason, for what cannot be done so.
 */
export function editYaml(file: string, text: string, change: TextChange, data: Data = dataOf(file, text)): string {
  return editAllYaml(file, text, [change], data)
}

/** Several changes with one look at the text: none of them may be about what another one makes or moves. */
export function editAllYaml(file: string, text: string, changes: readonly TextChange[], data: Data): string {
  const tree = treeOf(text, firstDocument(file, text))
  if (tree.document.errors.length > 0) throw new NotEditable('the layout around it is unusual')
  const splices = changes.flatMap(change => splicesFor(tree, change))
  const expected = changes.reduce(applyToData, data)
  const edited = splice(text, splices)
  if (!same(readAgain(file, edited), expected)) {
    throw new NotEditable(/[&*]\w/.test(text) ? 'an anchor shares it with other places' : 'the layout around it is unusual')
  }
  return edited
}

function readAgain(file: string, text: string): Data {
  try {
    return dataOf(file, text)
  } catch (error) {
    if (error instanceof FailoverctlError) throw new NotEditable('what stands around it depends on it')
    throw error
  }
}

const splice = (text: string, splices: readonly Splice[]): string =>
  splices
    .toSorted((a, b) => b.start - a.start)
    .reduce((edited, { start, end, text: added }) => edited.slice(0, start) + added + edited.slice(end), text)

function splicesFor(tree: Tree, change: TextChange): Splice[] {
  if (change.kind === 'reference') return references(tree, change.from, change.to)
  const found = follow(tree, change.path)
  if (change.kind === 'set') return setting(tree, found, change.path, change.to)
  if (found.missing.length > 0 || !found.owner) throw new NotEditable('a `<<` merges it in')
  if (change.kind === 'remove') return removal(tree, found.owner)
  return renaming(tree, found.owner, change.to, change.value)
}

function references({ text, document }: Tree, from: string, to: string): Splice[] {
  const splices: Splice[] = []
  visit(document as Document, {
    Scalar(key, node) {
      const [start, end] = node.range ?? [0, 0]
      const written = text.slice(start, end)
      const changed = replaceReference(written, from, to)
      if (key !== 'key' && changed !== written) splices.push({ start, end, text: changed })
    },
  })
  return splices
}

function setting(tree: Tree, { node, owner, missing }: End, path: Path, to: Data): Splice[] {
  const [key, ...deeper] = missing
  if (isScalar(node)) refuseReference(node)
  if (key === undefined) return replacing(tree, node, owner, to)
  const data = deeper.reduceRight<Data>((inside, step) => ({ [step]: inside }), to)
  if (isMap(node)) return adding(tree, node, owner, String(key), data)
  if (owner && (node === null || (isScalar(node) && isEmpty(node)))) return filling(tree, owner, node, String(key), data)
  throw new NotEditable(`there is no map at \`${path.slice(0, -missing.length).join('.')}\``)
}

function refuseReference({ source = '' }: Scalar): void {
  if (findReference(source) !== undefined) throw new NotEditable('a reference such as an environment variable gives it')
}

const isEmpty = ({ source = '', type }: Scalar) => type === 'PLAIN' && ['', '~', 'null', 'Null', 'NULL'].includes(source)

function replacing(tree: Tree, node: unknown, owner: Owner | undefined, to: Data): Splice[] {
  if (!isScalar(node) || !owner || /^BLOCK/.test(node.type ?? '')) throw new NotEditable('it is not a single value')
  const [start, end] = node.range ?? [0, 0]
  if (start < end) return [{ start, end, text: inFlow(to, false) }]
  const after = colonOf(tree, owner.collection.items[owner.index] as Pair) + 1
  return [{ start: after, end: after, text: ` ${inFlow(to, false)}` }]
}

// A new key stands behind the last one.
function adding(tree: Tree, map: YAMLMap, owner: Owner | undefined, key: string, data: Data): Splice[] {
  if (map.flow) return addingInFlow(tree, map, key, data)
  const last = { collection: map, index: map.items.length - 1, owner }
  const indent = indentOf(tree, startOf({ ...last, index: 0 }))
  return linesAfter(tree, behindComments(tree, endOf(tree, last), indent), inBlock(key, data, stepOf(tree)), indent)
}

// Comments on lines of their own belong to what stands before, where they are as far in.
function behindComments(tree: Tree, offset: number, indent: string): number {
  let end = lineEnd(tree, offset)
  for (;;) {
    const next = lineEnd(tree, end + 2)
    const line = tree.text.slice(end, next)
    if (!line.trimStart().startsWith('#') || line.replace(/^\r?\n/, '').search(/#/) !== indent.length) return end
    end = next
  }
}

function addingInFlow(tree: Tree, map: YAMLMap, key: string, data: Data): Splice[] {
  const start = map.range?.[0] ?? 0
  const isSpaced = /\s/.test(tree.text[start + 1] ?? '')
  const entry = inFlow({ [key]: data }, isSpaced).replace(/^\{ ?| ?\}$/g, '')
  if (map.items.length === 0) return [{ start: start + 1, end: start + 1, text: entry }]
  const at = endOf(tree, { collection: map, index: map.items.length - 1, owner: undefined })
  return [{ start: at, end: at, text: `, ${entry}` }]
}

/** A key that has no value yet gets a map. */
function filling(tree: Tree, { collection, index }: Owner, node: Scalar | null, key: string, data: Data): Splice[] {
  if (!isMap(collection)) throw new NotEditable('it is an empty item of a list')
  const pair = collection.items[index] as Pair
  const colon = colonOf(tree, pair)
  const [start, end] = node?.range ?? [0, 0]
  if (node?.anchor || node?.tag) throw new NotEditable('an anchor or a tag stands before it')
  if (start < end) return [{ start, end, text: inFlow({ [key]: data }, false) }]
  if (collection.flow) return [{ start: colon + 1, end: colon + 1, text: ` ${inFlow({ [key]: data }, false)}` }]
  const indent = indentOf(tree, startOf({ collection, index: 0, owner: undefined })) + stepOf(tree)
  return linesAfter(tree, colon, inBlock(key, data, stepOf(tree)), indent)
}

function linesAfter(tree: Tree, offset: number, lines: readonly string[], indent: string): Splice[] {
  const at = lineEnd(tree, offset)
  return [{ start: at, end: at, text: lines.map(line => tree.eol + indent + line).join('') }]
}

function renaming(tree: Tree, owner: Owner, to: string, value: Data | undefined): Splice[] {
  const { key, value: old } = owner.collection.items[owner.index] as Pair<Scalar, unknown>
  const start = startOf(owner)
  const end = key.range?.[1] ?? start
  if (value === undefined) {
    const quote = key.type === 'QUOTE_DOUBLE' ? '"' : key.type === 'QUOTE_SINGLE' ? "'" : ''
    return [{ start, end, text: quote + to + quote }]
  }
  if (isScalar(old)) refuseReference(old)
  const written = owner.collection.flow
    ? inFlow({ [to]: value }, false).replace(/^\{|\}$/g, '')
    : inBlock(to, value, stepOf(tree)).join(tree.eol + indentOf(tree, start))
  return [{ start, end: endOf(tree, owner), text: written }]
}

// As the line does it, or as wide as what stands there on it: `- a: 1`.
function indentOf(tree: Tree, offset: number): string {
  const before_ = before(tree, offset)
  return before_.trim() === '' ? before_ : ' '.repeat(before_.length)
}

/** How much deeper a level of this file is than the one around it. */
function stepOf({ text, document: { contents } }: Tree): string {
  const outer = isMap(contents) ? contents : undefined
  const inner = outer?.items.map(({ value }) => value).find(value => isMap(value) && !value.flow) as YAMLMap | undefined
  const column = (map: YAMLMap | undefined) => {
    const start = map?.range?.[0] ?? 0
    return start - (text.lastIndexOf('\n', start - 1) + 1)
  }
  return ' '.repeat(Math.min(8, Math.max(2, column(inner) - column(outer))))
}
