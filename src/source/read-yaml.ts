import { Composer, type Document, isAlias, isMap, isScalar, isSeq, Lexer, type Pair, Parser, type Scalar } from 'yaml'
import { resolvePlain, resolveTagged } from './resolve-scalar.ts'
import { notYaml, type PlacedText, placedText, placeOf } from './text-place.ts'
import type { At, Entry, ScalarValue, Value } from './value.ts'
import { checkCharacters, checkSize, lexemeWatch, type Sized, sized } from './yaml-limits.ts'
import { endless, explainSyntax, NO_KEY, NO_TEXT_KEY, refuse, twice, unfitTag, unknownAlias, WANTS_MAP } from './yaml-refusals.ts'

interface Reading extends PlacedText {
  /** Each `&anchor` so far; undefined while its value is being read, to notice one that contains itself. */
  readonly anchors: Map<string, Sized | undefined>
}

/** The first document of a YAML file as go.yaml.in/yaml/v3 v3.0.5 decodes it, with the place of every key and value. */
export function readYaml(file: string, text: string): Value {
  const reading: Reading = { ...placedText(file, withoutLoneReturns(text)), anchors: new Map() }
  checkCharacters(reading)
  return decodeDocument(reading, documents(reading).next().value as Document.Parsed)
}

/** Every document of a file, such as Kubernetes manifests in a row, each with its node tree. One that is not asked for is not read. */
export function* readDocuments(file: string, text: string): Generator<{ value: Value; document: Document.Parsed }> {
  const placed = placedText(file, withoutLoneReturns(text))
  checkCharacters(placed)
  for (const document of documents({ ...placed, anchors: new Map() })) {
    yield { document, value: decodeDocument({ ...placed, anchors: new Map() }, document) }
  }
}

function decodeDocument(reading: Reading, document: Document.Parsed): Value {
  const broken = document.errors
    .filter(
      ({ code, pos, message }) =>
        !isGoComment(message) && (code !== 'UNEXPECTED_TOKEN' || pos[0] < endOf(document, reading.text)),
    )
    .toSorted((a, b) => a.pos[0] - b.pos[0])[0]
  if (broken) refuse(reading, broken.pos[0], explainSyntax(broken.code, broken.message))
  return decode(reading, document.contents, placeOf(reading, 0, 0)).value
}

// Go asks for no space before the `#` behind a bracket or a quote.
const isGoComment = (message: string) => message.startsWith('Comments must be separated')

/** The document that `readYaml` decodes, for edits that keep its layout. Offsets are those of the text. */
export function firstDocument(file: string, text: string): Document.Parsed {
  return documents({ ...placedText(file, withoutLoneReturns(text)), anchors: new Map() }).next().value as Document.Parsed
}

// A lone carriage return ends a line for Go, and not for the parser here.
const withoutLoneReturns = (text: string) => text.replace(/\r(?!\n)/g, '\n')

// Behind a closing bracket at the top Go looks at one more word, and reads no further.
function endOf({ contents }: Document.Parsed, text: string): number {
  const end = (isMap(contents) || isSeq(contents)) && contents.flow ? contents.range?.[1] : undefined
  return end !== undefined && /^\s*[\w{[#]/.test(text.slice(end, end + 200)) ? end : Number.POSITIVE_INFINITY
}

// Go stops after the first document, so later ones are neither checked nor read.
function* documents(reading: Reading): Generator<Document.Parsed> {
  const parser = new Parser()
  const composer = new Composer({
    schema: 'failsafe',
    merge: false,
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
  })
  const lexer = new Lexer()
  const watch = lexemeWatch(reading, parser)
  for (const lexeme of lexer.lex(reading.text)) {
    // Go asks for no indentation inside brackets; this parser keeps the one that it wants in a private field.
    if (lexeme === '[' || lexeme === '{') Reflect.set(lexer, 'indentNext', 0)
    watch(lexeme)
    for (const token of parser.next(lexeme)) yield* composer.next(token)
  }
  for (const token of parser.end()) yield* composer.next(token)
  yield* composer.end(true, reading.text.length)
}

// `whereEmpty` is the place of nothing at all: after `key:` there is no text to point at.
function decode(reading: Reading, node: unknown, whereEmpty?: At): Sized {
  if (isAlias(node)) return decodeAlias(reading, node.source, node.range?.[0] ?? 0)
  const known = isMap(node) || isSeq(node) || isScalar(node) ? node : undefined
  const [start, end] = known?.range ?? [0, 0]
  const at = whereEmpty && start === end ? whereEmpty : placeOf(reading, start, end)
  if (known?.anchor) reading.anchors.set(known.anchor, undefined)
  const decoded = decodeContents(reading, known, at)
  checkSize(reading, start, decoded)
  if (known?.anchor) reading.anchors.set(known.anchor, decoded)
  return decoded
}

function decodeContents(reading: Reading, node: unknown, at: At): Sized {
  if (isMap(node)) return decodeMap(reading, node.items, at)
  if (isSeq(node)) return decodeList(reading, node.items, at)
  return sized(decodeScalar(reading, isScalar(node) ? node : undefined, at), [])
}

function decodeAlias(reading: Reading, name: string, start: number): Sized {
  const known = reading.anchors.get(name)
  return known ?? refuse(reading, start, reading.anchors.has(name) ? endless(name) : unknownAlias(name))
}

function decodeList(reading: Reading, nodes: readonly unknown[], at: At): Sized {
  const items = nodes.map(node => decode(reading, node))
  return sized({ kind: 'list', at, items: items.map(item => item.value) }, items)
}

function decodeMap(reading: Reading, pairs: readonly Pair[], at: At): Sized {
  const entries = new Map<string, Entry>()
  const keys = new Map<string, At>()
  const insides: Sized[] = []
  let merged: Entry[] = []
  for (const pair of pairs) {
    const { key, keyAt } = decodeKey(reading, pair.key)
    const before = keys.get(key)
    if (before) throw notYaml(keyAt, ...twice(key, before.line))
    keys.set(key, keyAt)
    const inside = decode(reading, pair.value, keyAt)
    insides.push(inside)
    if (isMergeKey(pair.key)) merged = mergedEntries(inside.value, isSeq(pair.value), keyAt)
    else entries.set(key, { key, keyAt, value: inside.value })
  }
  for (const entry of merged) if (!entries.has(entry.key)) entries.set(entry.key, entry)
  return sized({ kind: 'map', at, entries }, insides)
}

function decodeKey(reading: Reading, node: unknown): { key: string; keyAt: At } {
  if (isScalar(node) && node.source === '' && node.type === 'PLAIN') refuse(reading, node.range?.[0] ?? 0, NO_KEY)
  const { value } = decode(reading, node)
  if (value.kind !== 'scalar') throw notYaml(value.at, ...NO_TEXT_KEY)
  const keyAt = isAlias(node) && node.range ? placeOf(reading, node.range[0], node.range[1]) : value.at
  return { key: value.value === null ? '<nil>' : String(value.value), keyAt }
}

const isMergeKey = (key: unknown) =>
  isScalar(key) && key.value === '<<' && key.type === 'PLAIN' && [undefined, '!', 'tag:yaml.org,2002:merge'].includes(key.tag)

// The maps under `<<` in order: what the first one says wins, and the map itself wins over all of them.
function mergedEntries(value: Value, written: boolean, keyAt: At): Entry[] {
  const maps = value.kind === 'list' && written ? value.items : [value]
  return maps.flatMap(map => {
    if (map.kind !== 'map') throw notYaml(keyAt, ...WANTS_MAP)
    return Array.from(map.entries.values())
  })
}

function decodeScalar(reading: Reading, node: Scalar | undefined, at: At): ScalarValue {
  const text = node?.source ?? ''
  const value = resolve(text, node?.tag === '!' ? undefined : node?.tag, node?.type ?? 'PLAIN')
  if (value === undefined) return refuse(reading, node?.range?.[0] ?? 0, unfitTag(text))
  return { kind: 'scalar', at, value, text, fromEnvironment: false }
}

function resolve(text: string, tag: string | undefined, type: string): ScalarValue['value'] | undefined {
  if (tag) return resolveTagged(tag, text)
  return type === 'PLAIN' ? resolvePlain(text) : text
}
