import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { FailoverctlError } from '../../src/core/errors.ts'
import { expandReferences } from '../../src/source/expand.ts'
import { readConfig } from '../../src/source/read-config.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import { type At, plain, type Value } from '../../src/source/value.ts'

const PIECES = [
  'a',
  'b',
  '1',
  ': ',
  ':',
  '\n',
  '\n  ',
  '- ',
  '[',
  ']',
  '{',
  '}',
  ',',
  '"',
  "'",
  '&x ',
  '*x',
  '<<: ',
  '|',
  '>',
  '#',
  '?',
  '!!int ',
  '~',
  '\t',
  '%',
  '---\n',
  '${',
  '${env:X}',
  '$',
  '::',
  '\r',
  'é',
  '😀',
]
const noise = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map(pieces => pieces.join('')),
)
const key = fc.string().filter(text => !text.includes('::'))
const data = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('map'),
  ),
  map: fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
}))

test('whatever a file says, it is read or refused in good form', () => {
  fc.assert(
    fc.property(noise, text => {
      const { places, message } = attempt(() => placesOf(readYaml('f', text)))
      if (message !== undefined) expect(message).toMatch(/^f:\d+:\d+: ./s)
      expect(places.filter(at => !isInside(at, text))).toStrictEqual([])
    }),
    { numRuns: 300 },
  )
})

test.each([
  ['YAML', (map: unknown) => stringify(map, { defaultStringType: 'QUOTE_DOUBLE' })],
  ['JSON', (map: unknown) => JSON.stringify(map)],
])('data that is written as %s is read back the same', (_, write) => {
  fc.assert(
    fc.property(data.map, map => {
      expect(plain(readYaml('f', write(map)))).toStrictEqual(map)
    }),
    { numRuns: 80 },
  )
})

test('whatever variables hold, references end', async () => {
  const piece = fc.constantFrom('${A}', '${B}', '${env:C}', '${env:', '}', '$', 'x', '"', '[', ']', ', ', '{a: ', ':-', 'A')
  const text = fc.array(piece, { maxLength: 8 }).map(pieces => pieces.join(''))
  await fc.assert(
    fc.asyncProperty(text, text, text, text, async (start, A, B, C) => {
      const { notes } = await expandReferences(readYaml('f', JSON.stringify({ start })), { A, B, C })
      expect(notes.every(note => note.at.line === 1)).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('text without references stays the same, but for doubled dollars', async () => {
  const text = fc.string().filter(part => !part.includes('${'))
  await fc.assert(
    fc.asyncProperty(text, async start => {
      const { value, notes } = await expandReferences(readYaml('f', JSON.stringify([start])), {})
      expect([plain(value), notes]).toStrictEqual([[start.replaceAll('$$', () => '$')], []])
    }),
  )
})

test('a config merged with itself is that config', async () => {
  await fc.assert(
    fc.asyncProperty(data.map, async map => {
      const from = { env: {}, read: async () => new TextEncoder().encode(JSON.stringify({ top: map }).replaceAll('$', '§')) }
      const [once, twice] = [await readConfig(['f'], from), await readConfig(['f', 'f'], from)]
      expect(twice.root).toStrictEqual(once.root)
    }),
    { numRuns: 50 },
  )
})

function attempt(read: () => At[]): { places: At[]; message?: string } {
  try {
    return { places: read() }
  } catch (error) {
    if (error instanceof FailoverctlError) return { places: [], message: error.message }
    throw error
  }
}

function placesOf(value: Value): At[] {
  if (value.kind === 'scalar') return [value.at]
  if (value.kind === 'list') return [value.at, ...value.items.flatMap(placesOf)]
  return [value.at, ...Array.from(value.entries.values()).flatMap(entry => [entry.keyAt, ...placesOf(entry.value)])]
}

// A place lies on its line, or is one character behind its end.
function isInside({ line, column, length }: At, text: string): boolean {
  const content = text.split(/\r\n|\r|\n/)[line - 1]
  return content !== undefined && column >= 1 && column + length - 1 <= content.length + 1
}
