import { expect, test } from 'vitest'
import { atPointer } from '../../src/source/paths.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import type { At, Value } from '../../src/source/value.ts'
import { readMarks } from './marks.ts'

test.each([
  ['keys and scalars', 'values', 'a: «1»\nbb:   «x y»   # why\n"c": «"q"»\n'],
  ['keys', 'keys', '«a»:\n  «b»: 1\n  «"c d"»: 2\n«e»:\n'],
  ['the items of a list', 'values', 'a:\n  - «x»\n  - «"y"»\nb: [«1», «zz»]\n'],
  ['an empty value, at its key', 'values', '«a»:\n'],
  ['an empty item, behind its dash', 'values', 'a:\n  -«»\n  - «b»\n'],
  ['a text of several lines, its first line only', 'values', 'a: «|»\n  x\nb: «"one»\n  two"\n'],
  ['Windows line ends', 'values', 'a: «1»\r\nb: «x»\r\n'],
  ['letters of two units', 'values', 'a: {"😀": «1», b: «😀»}\n'],
  ['an alias, where its value is written', 'values', 'a: &x «1»\n'],
  ['tags and anchors, which are no part of a value', 'values', 'a: !!str &x «5»\n'],
])('it places %s', (_, what, marked) => {
  const { text, marks } = readMarks(marked)
  const places = collect(readYaml('config.yaml', text))
  expect(what === 'keys' ? places.keys : places.scalars).toStrictEqual(marks)
})

test.each([
  ['a value behind an alias where it is written', 'a: &x «here»\n«b»: *x\n', ['b']],
  ['a merged key and its value where they are written', 'a: &x {«p»: «1»}\nb: {<<: *x}\n', ['b', 'p']],
])('it places %s', (_, marked, path) => {
  const { text, marks } = readMarks(marked)
  const { value, keyAt } = atPointer(readYaml('config.yaml', text), `/${path.join('/')}`)
  expect([keyAt, value.at].toSorted((a, b) => (a?.line ?? 0) - (b?.line ?? 0))).toStrictEqual(marks)
})

test('it places a map and a list from their first key or bracket to the end of that line', () => {
  const { text, marks } = readMarks('a:\n  «b: 1»\n  c: 2\nd: «[1,»\n  2]\ne:\n  «- x»\n  - y\n')
  const root = readYaml('config.yaml', text)
  expect(['/a', '/d', '/e'].map(path => atPointer(root, path).value.at)).toStrictEqual(marks)
})

function collect(value: Value, keys: At[] = [], scalars: At[] = []): { keys: At[]; scalars: At[] } {
  if (value.kind === 'scalar') scalars.push(value.at)
  if (value.kind === 'list') for (const item of value.items) collect(item, keys, scalars)
  if (value.kind === 'map')
    for (const entry of value.entries.values()) {
      keys.push(entry.keyAt)
      collect(entry.value, keys, scalars)
    }
  return { keys, scalars }
}
