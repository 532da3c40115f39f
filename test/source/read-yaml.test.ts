import { expect, test } from 'vitest'
import { readYaml } from '../../src/source/read-yaml.ts'
import { lookup, plain } from '../../src/source/value.ts'

const read = (text: string) => plain(readYaml('config.yaml', text))

// Each of these was compared with what go.yaml.in/yaml/v3 v3.0.5 decodes.
test.each([
  ['nothing at all', '', null],
  ['only a comment', '# nothing', null],
  ['a map in a map', 'a:\n  b: 1\n', { a: { b: 1 } }],
  ['an empty value', 'a:\nb:', { a: null, b: null }],
  ['a list at the indentation of its key', 'a:\n- b\n-\n', { a: ['b', null] }],
  ['brackets', 'a: {b: [1, x, {c}], "d":2}', { a: { b: [1, 'x', { c: null }], d: 2 } }],
  ['a closing bracket below its key', 'a:\n  b: [\n  x\n  ]', { a: { b: ['x'] } }],
  ['tabs inside brackets', 'a: {\n\tb: 1\n}', { a: { b: 1 } }],
  ['quotes', `a: "x\\ty"\nb: 'it''s'\nc: "5"`, { a: 'x\ty', b: "it's", c: '5' }],
  ['a folded and a literal text', 'a: >-\n  x\n  y\nb: |\n  x\n  y\n', { a: 'x y', b: 'x\ny\n' }],
  ['Windows line ends', 'a: 1\r\nb: x\r\n', { a: 1, b: 'x' }],
  ['old Mac line ends', 'a: 1\rb: x', { a: 1, b: 'x' }],
  ['a byte order mark', '\ufeffa: 1', { a: 1 }],
  ['keys that are no text', '1: a\ntrue: b\n~: c\n0x10: d', { 1: 'a', true: 'b', '<nil>': 'c', 16: 'd' }],
  ['a key named __proto__', '__proto__: 1', Object.fromEntries([['__proto__', 1]])],
  ['tags', 'a: !!str 5\nb: !!int "5"\nc: !foo bar', { a: '5', b: 5, c: 'bar' }],
  ['a reference of the collector', 'a: ${env:X}', { a: '${env:X}' }],
  ['an alias', 'a: &x {p: 1}\nb: *x', { a: { p: 1 }, b: { p: 1 } }],
  ['an anchor that is used anew', 'a: &x 1\nb: *x\nc: &x 2\nd: *x', { a: 1, b: 1, c: 2, d: 2 }],
  ['an alias as a key', 'a: &x k\n*x : 1', { a: 'k', k: 1 }],
  ['a merge', 'a: &x {p: 1, q: 1}\nb: {q: 2, <<: *x}', { a: { p: 1, q: 1 }, b: { q: 2, p: 1 } }],
  ['a merge of several, the first wins', 'a: {<<: [{p: 1}, {p: 2, q: 2}], r: 3}', { a: { r: 3, p: 1, q: 2 } }],
  ['a merge in a merge', 'a: {<<: {<<: {p: 1}, q: 2}}', { a: { p: 1, q: 2 } }],
  ['a quoted <<', 'a: {"<<": 1}', { a: { '<<': 1 } }],
  ['a second document, which is not read', 'a: 1\n---\nb: [', { a: 1 }],
])('it reads %s', (_, text, value) => expect(read(text)).toStrictEqual(value))

test('the spelling of a scalar is kept beside its value', () => {
  expect(lookup(readYaml('config.yaml', 'a: 0123'), 'a')).toMatchObject({ value: 83, text: '0123', fromEnvironment: false })
})
