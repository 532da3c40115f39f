import { describe, expect, test } from 'vitest'
import { NotEditable, type TextChange } from '../../src/source/change.ts'
import { editYaml } from '../../src/source/edit-yaml.ts'

const remove = (...path: (string | number)[]): TextChange => ({ kind: 'remove', path })
const set = (to: string | number | boolean | Record<string, never>, ...path: (string | number)[]): TextChange => ({
  kind: 'set',
  path,
  to,
})
const rename = (to: string, ...path: string[]): TextChange => ({ kind: 'rename', path, to })
const reference: TextChange = { kind: 'reference', from: '${X:-d}', to: '${env:X:-d}' }

const CASES: Readonly<Record<string, readonly [before: string, change: TextChange, after: string]>> = {
  'a key goes with its line': ['a:\n  b: 1\n  c: 2\n', remove('a', 'b'), 'a:\n  c: 2\n'],
  'a comment above a removed key stays': ['a:\n  # why\n  b: 1\n  c: 2\n', remove('a', 'b'), 'a:\n  # why\n  c: 2\n'],
  'a comment beside a removed key gets a line of its own': [
    'a:\n  b: 1 # why\n  c: 2\n',
    remove('a', 'b'),
    'a:\n  # why\n  c: 2\n',
  ],
  'comments inside what is removed stay': [
    'a:\n  b: # one\n    # two\n    x: "#no"\n    y: |\n      # text\n  c: 2\n',
    remove('a', 'b'),
    'a:\n  # one\n  # two\n  c: 2\n',
  ],
  'the last key of a map leaves an empty one': ['a:\n  b: 1\nc: 2\n', remove('a', 'b'), 'a: {}\nc: 2\n'],
  'the last key of a map with comments': [
    'a: # one\n  # two\n  b: 1 # three\n',
    remove('a', 'b'),
    'a: {} # one\n  # two\n  # three\n',
  ],
  'the last item of a list leaves an empty one': ['a:\n  - x\nc: 2\n', remove('a', 0), 'a: []\nc: 2\n'],
  'an item of a list': ['a:\n- x # why\n- y\n', remove('a', 0), 'a:\n# why\n- y\n'],
  'the last line without a line break': ['a:\n  c: 2\n  b: 1', remove('a', 'b'), 'a:\n  c: 2\n'],
  'a text of several lines': ['a:\n  b: |\n    one\n\n    two\n\n  c: 2\n', remove('a', 'b'), 'a:\n\n  c: 2\n'],
  'the first of a flow map': ['a: {b: 1, c: 2}\n', remove('a', 'b'), 'a: {c: 2}\n'],
  'the last of a flow map': ['a: { b: 1, c: 2 }\n', remove('a', 'c'), 'a: { b: 1 }\n'],
  'the only one of a flow map': ['a: { b: 1 } # why\n', remove('a', 'b'), 'a: {} # why\n'],
  'the middle of a flow list': ['a: [x, y, z]\n', remove('a', 1), 'a: [x, z]\n'],
  'the only one of a flow list': ['a: [ x, ]\n', remove('a', 0), 'a: []\n'],
  'brackets over several lines': ['a: {\n  b: 1,\n  c: 2,\n}\n', remove('a', 'b'), 'a: {\n  c: 2,\n}\n'],
  'brackets over several lines with comments': [
    'a: {\n  b: 1, # one\n  c: 2, # two\n}\n',
    remove('a', 'c'),
    'a: {\n  b: 1, # one\n  # two\n}\n',
  ],
  'Windows line breaks': ['a:\r\n  b: 1 # why\r\n  c: 2\r\n', remove('a', 'b'), 'a:\r\n  # why\r\n  c: 2\r\n'],
  'a new key behind the last one': [
    'a:\n  b: 1 # one\n  # two\nc: 2\n',
    set(true, 'a', 'd'),
    'a:\n  b: 1 # one\n  # two\n  d: true\nc: 2\n',
  ],
  'new maps on the way': ['a:\n    b: 1\n', set(false, 'a', 'q', 'enabled'), 'a:\n    b: 1\n    q:\n        enabled: false\n'],
  'new maps in a flow map': ['a: {b: 1}\n', set(false, 'a', 'q', 'enabled'), 'a: {b: 1, q: {enabled: false}}\n'],
  'in a spaced one': ['a: { b: 1 }\n', set(false, 'a', 'q', 'enabled'), 'a: { b: 1, q: { enabled: false } }\n'],
  'in an empty one': ['a: {}\n', set(false, 'a', 'enabled'), 'a: {enabled: false}\n'],
  'a key without a value becomes a map': [
    'a:\n  b: # why\n    # more\n  c: 1\n',
    set(false, 'a', 'b', 'x'),
    'a:\n  b: # why\n    x: false\n    # more\n  c: 1\n',
  ],
  'a key without a value in a flow map': ['a: { b: , c: 1 }\n', set(false, 'a', 'b', 'x'), 'a: { b: {x: false} , c: 1 }\n'],
  'an explicit null becomes a map': ['a: ~ # why\n', set(false, 'a', 'x'), 'a: {x: false} # why\n'],
  'a value in place': ['a:\n  b: true # why\n', set(false, 'a', 'b'), 'a:\n  b: false # why\n'],
  'a quoted value in place': ['a: ["x\ty", \'z\']\n', set('new', 'a', 1), 'a: ["x\ty", new]\n'],
  'a text that could be a number gets quotes': ['a: x\n', set('0123', 'a'), 'a: "0123"\n'],
  'a new key with Windows line breaks': [
    'a:\r\n  b: 1\r\nc: 2\r\n',
    set(true, 'a', 'd'),
    'a:\r\n  b: 1\r\n  d: true\r\nc: 2\r\n',
  ],
  'a new key at the end of a file without a line break': ['a:\n  b: 1', set(true, 'a', 'd'), 'a:\n  b: 1\n  d: true'],
  'a key renamed': [
    'a:\n  "b/x": &n # why\n    c: 1\nd: *n\n',
    rename('e/x', 'a', 'b/x'),
    'a:\n  "e/x": &n # why\n    c: 1\nd: *n\n',
  ],
  'a key and its value': [
    'm:\n  address: 0.0.0.0:8888 # why\n  level: x\n',
    { kind: 'rename', path: ['m', 'address'], to: 'readers', value: [{ pull: { port: 8888 } }] },
    'm:\n  readers:\n    - pull:\n        port: 8888 # why\n  level: x\n',
  ],
  'a key and its value in a flow map': [
    'm: {address: "0.0.0.0:8888", level: x}\n',
    { kind: 'rename', path: ['m', 'address'], to: 'readers', value: [{ pull: { port: 8888 } }] },
    'm: {readers: [{pull: {port: 8888}}], level: x}\n',
  ],
  'references in values, and in nothing else': [
    'a: x${X:-d} # ${X:-d}\nb: ["${X:-d}${X:-d}", "$${X:-d}", "$$${X:-d}"]\n${X:-d}: 1\nc: |\n  ${X:-d}\n',
    reference,
    'a: x${env:X:-d} # ${X:-d}\nb: ["${env:X:-d}${env:X:-d}", "$${X:-d}", "$$${env:X:-d}"]\n${X:-d}: 1\nc: |\n  ${env:X:-d}\n',
  ],
  'only the first document': ['a: 1\nb: 2\n---\na: 1\n', remove('a'), 'b: 2\n---\na: 1\n'],
  'an anchor that only this place uses': ['a:\n  b: &x 1\n', set(2, 'a', 'b'), 'a:\n  b: &x 2\n'],
  'an anchor in what stays': ['x: &x { q: 1 }\na:\n  <<: *x\n  b: 1\n', remove('a', 'b'), 'x: &x { q: 1 }\na:\n  <<: *x\n'],
  'a key beside merged ones': ['x: &x { q: 1 }\na:\n  <<: *x\n', set(2, 'a', 'r'), 'x: &x { q: 1 }\na:\n  <<: *x\n  r: 2\n'],
  'a list of maps': ['a:\n  - b: 1\n    c: 2\n', set(3, 'a', 0, 'd'), 'a:\n  - b: 1\n    c: 2\n    d: 3\n'],
  'a list with less indentation than asked for': ['a: [\nx,\ny ]\n', remove('a', 0), 'a: [\ny ]\n'],
}

test.each(Object.entries(CASES))('%s', (_, [before, change, after]) => {
  expect(editYaml('a.yaml', before, change)).toBe(after)
})

const LEFT: Readonly<Record<string, readonly [text: string, change: TextChange, reason: RegExp]>> = {
  'a value behind an alias': ['x: &x { q: 1 }\na: *x\n', set(2, 'a', 'q'), /alias `\*x`/],
  'a value that an alias shares': ['x: &x\n  q: 1\na: *x\n', set(2, 'x', 'q'), /anchor/],
  'an anchor that is used elsewhere': ['a:\n  b: &x 1\n  c: *x\n', remove('a', 'b'), /depends on it/],
  'a key that is merged in': ['x: &x { q: 1 }\na:\n  <<: *x\n', remove('a', 'q'), /merges it in/],
  'a map that is merged in': ['x: &x { q: { r: 1 } }\na:\n  <<: *x\n', set(2, 'a', 'q', 's'), /anchor/],
  'an environment variable': ['a:\n  b: ${env:B}\n', set(2, 'a', 'b'), /environment variable/],
  'a reference where a map would be': ['a: ${file:b.yaml}\n', set(2, 'a', 'b'), /reference/],
  'a text where a map would be': ['a: x\n', set(2, 'a', 'b'), /no map at `a`/],
  'a key with ::': ['a::b: 1\n', remove('a', 'b'), /::/],
  'a name that is taken': ['a: 1\nb: 2\n', rename('b', 'a'), /there already/],
  'the first key of an item': ['a:\n  - b: 1\n    c: 2\n', remove('a', 0, 'b'), /on its line/],
  'an explicit key': ['a:\n  ? b\n  : 1\n  c: 2\n', remove('a', 'b'), /on its line/],
  'a text of several lines to replace': ['a: |\n  x\n', set('y', 'a'), /single value/],
  'comments inside brackets': ['a: { b: {\n  # why\n  c: 1 }, d: 1 }\n', remove('a', 'b'), /comments/],
  'what follows a text that keeps its empty lines': ['a:\n  b: |+\n    x\n\n\n', set(1, 'a', 'c'), /layout/],
}

describe('what cannot be edited safely is left', () => {
  test.each(Object.entries(LEFT))('%s', (_, [text, change, reason]) => {
    expect(() => editYaml('a.yaml', text, change)).toThrow(reason)
    expect(() => editYaml('a.yaml', text, change)).toThrow(NotEditable)
  })
})
