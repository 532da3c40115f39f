import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Document, isMap, isScalar, visit } from 'yaml'
import { type Data, NotEditable, type Path, type TextChange } from '../../src/source/change.ts'
import { dataOf, editYaml } from '../../src/source/edit-yaml.ts'

const word = fc.constantFrom(
  'a',
  'b',
  'sending_queue',
  'otlp/primary',
  'enabled',
  '5s',
  'x y',
  '# no',
  '0123',
  '',
  'yes',
  'a: b',
  'tab\there',
  '${env:X}',
)
const leaf = fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null))
const key = fc.constantFrom('a', 'b', 'c', 'otlp/primary', 'sending_queue')
const data = fc.letrec<{ node: Data }>(tie => ({
  node: fc.oneof({ maxDepth: 4 }, leaf, fc.dictionary(key, tie('node'), { maxKeys: 4 }), fc.array(tie('node'), { maxLength: 3 })),
})).node as fc.Arbitrary<Data>
const root = fc.dictionary(key, data, { minKeys: 1, maxKeys: 4 })

/** The data in some layout: block and flow mixed, comments, empty lines, wide or narrow, Windows or not. */
function written(value: unknown, random: () => number): string {
  const document = new Document(value)
  visit(document, {
    Collection: (_, node) => void (node.flow = random() < 0.3),
    Node: (_, node) => {
      if (isScalar(node) && typeof node.value === 'string' && random() < 0.3)
        node.type = random() < 0.5 ? 'QUOTE_DOUBLE' : 'QUOTE_SINGLE'
      if (random() < 0.2) node.comment = ' beside'
      if (isMap(node) && random() < 0.2) node.commentBefore = ' before'
    },
  })
  const made = document.toString({
    indent: random() < 0.5 ? 2 : 4,
    indentSeq: random() < 0.5,
    lineWidth: 0,
    nullStr: '~',
  })
  const text = random() < 0.5 ? made.replace(/: ~$/gm, ':') : made
  return random() < 0.2 ? text.replaceAll('\n', '\r\n') : text
}

const leaves = (value: unknown, path: Path = []): [string, unknown][] => {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0)
    return [[JSON.stringify(path.map(String)), value]]
  return Object.entries(value).flatMap(([step, inside]) => leaves(inside, [...path, step]))
}
const pathsOf = (value: unknown, path: Path = []): Path[] =>
  typeof value !== 'object' || value === null
    ? [path]
    : [
        path,
        ...Object.entries(value).flatMap(([step, inside]) =>
          pathsOf(inside, [...path, Array.isArray(value) ? Number(step) : step]),
        ),
      ]
const commentsOf = (text: string) => (text.match(/# (beside|before)/g) ?? []).length

let edits = 0

test('an edit changes nothing but what it names, and keeps every comment', () => {
  fc.assert(
    fc.property(
      root,
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      fc.nat(),
      fc.nat(3),
      leaf,
      (value, stream, pick, what, to) => {
        const next = stream[Symbol.iterator]()
        const text = written(value, () => next.next().value as number)
        const paths = pathsOf(dataOf('a.yaml', text)).filter(path => path.length > 0)
        const path = paths[pick % paths.length] as Path
        const inside: Path = what === 2 ? [...path, 'new', 'deep'] : path
        const change: TextChange =
          what === 0
            ? { kind: 'remove', path }
            : what === 3 && typeof path.at(-1) === 'string'
              ? { kind: 'rename', path, to: 'renamed' }
              : { kind: 'set', path: inside, to }
        let edited: string
        try {
          edited = editYaml('a.yaml', text, change)
        } catch (error) {
          if (!(error instanceof NotEditable)) throw error
          // Every layout that is made here can be edited.
          expect(error.message).not.toMatch(/layout|depends/)
          return
        }
        edits++
        expect(commentsOf(edited)).toBe(commentsOf(text))
        const isNamed = ([at]: [string, unknown]) => {
          const steps = JSON.parse(at) as string[]
          // What comes after an item that is taken out moves up, and what is left of an emptied map is new.
          const named = path.map(String).slice(0, change.kind === 'remove' || change.kind === 'rename' ? -1 : undefined)
          return named.every((step, index) => steps[index] === step)
        }
        const others = (yaml: string) =>
          leaves(dataOf('a.yaml', yaml))
            .filter(entry => !isNamed(entry))
            .map(entry => JSON.stringify(entry))
            .sort()
        expect(others(edited)).toEqual(others(text))
      },
    ),
    { numRuns: 1000, seed: 4 },
  )
  expect(edits).toBeGreaterThan(400)
}, 60_000)
