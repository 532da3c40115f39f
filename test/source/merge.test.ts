import { expect, test } from 'vitest'
import { merge, unflatten } from '../../src/source/merge.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import { lookup, plain } from '../../src/source/value.ts'
import { failure } from './failure.ts'

const read = (text: string, file = 'config.yaml') => readYaml(file, text)

test.each([
  ['maps deeply', '{a: {b: 1, c: 1}}', '{a: {c: 2, d: 2}}', { a: { b: 1, c: 2, d: 2 } }],
  ['and a list replaces a list', '{a: [1, 2]}', '{a: [3]}', { a: [3] }],
  ['and null replaces a map', '{a: {b: 1}}', '{a: null}', { a: null }],
  ['and a map replaces a text', '{a: x}', '{a: {b: 1}}', { a: { b: 1 } }],
  ['and an empty map changes nothing', '{a: {b: 1}}', '{a: {}}', { a: { b: 1 } }],
])('configs merge %s', (_, first, second, merged) => {
  expect(plain(merge(read(first), read(second)))).toStrictEqual(merged)
})

test('each entry keeps the place of the file that won', () => {
  const merged = merge(read('a:\n  b: 1\n  c: 1', 'one'), read('a:\n  c: 2', 'two'))
  expect(lookup(merged, 'a', 'b')?.at.file).toBe('one')
  expect(lookup(merged, 'a', 'c')?.at).toStrictEqual({ file: 'two', line: 2, column: 6, length: 1 })
})

test.each([
  ['a key of several parts', 'a::b::c: 1', { a: { b: { c: 1 } } }],
  ['several keys of one beginning', 'a::b: 1\na::c: 2', { a: { b: 1, c: 2 } }],
  ['a short and a long spelling', 'a::b: 1\na: {b: 0, c: 2}', { a: { b: 1, c: 2 } }],
  ['a long key inside', 'a: {"b::c": 1, d: 2}', { a: { d: 2, b: { c: 1 } } }],
  ['a map over a text', 'a: 1\na::b: 2', { a: { b: 2 } }],
  ['nothing inside a list', 'a: [{"b::c": 1}]', { a: [{ 'b::c': 1 }] }],
  ['a single colon', 'a:b: 1', { 'a:b': 1 }],
])('it unfolds %s', (_, text, value) => expect(plain(unflatten(read(text)))).toStrictEqual(value))

test('all parts of a key stand where the key stands', () => {
  const inside = unflatten(read('exporters::debug::verbosity: basic'))
  const place = { file: 'config.yaml', line: 1, column: 1, length: 27 }
  expect(lookup(inside, 'exporters')?.at).toStrictEqual(place)
  expect(lookup(inside, 'exporters', 'debug', 'verbosity')?.at).toStrictEqual({ ...place, column: 30, length: 5 })
})

test('a key of very many parts is refused', async () => {
  const text = `? ${'a::'.repeat(2000)}b\n: 1`
  expect(await failure(() => unflatten(read(text)))).toBe('not-yaml: config.yaml:1:3: nested too deeply')
})
