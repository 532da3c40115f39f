import { expect, test } from 'vitest'
import { comments } from '../../src/source/comments.ts'
import { readMarks } from '../marks.ts'

test.each([
  ['a line of its own', '«# one»\na: 1\n  «# two»\n'],
  ['behind a value', 'a: 1 «# one»\nb: [1, 2] «# two»\nc: "x" «# three»\n'],
  [
    'quotes and words',
    'a: "x # no"\nb: \'y # no\'\nc: z#no\nd: # and nothing else\n'.replace('# and nothing else', '«# and nothing else»'),
  ],
  ['a block of text', 'a: |\n  # no\n  text # no\nb: >- «# yes»\n  # no\nc: 1 «# yes»\n'],
  ['brackets over several lines', 'a: [ «# one»\n  1, «# two»\n  "x" ]\nb: { c: 1, «# three»\n}\n'],
  ['several documents', '«# one»\n---\na: 1 «# two»\n---\n«# three»\n'],
  ['carriage returns', 'a: 1 «# one»\r\n«# two»\r\nb: 2\r\n'],
  ['a plain text of several lines', 'a: one\n  two\n  three «# yes»\nb: 1\n'],
  ['anchors and tags', 'a: &x !!str y «# one»\nb: *x «# two»\n'],
  [
    'a config inside of a ConfigMap',
    'kind: ConfigMap «# one»\ndata:\n  a.yaml: |\n    «# two»\n    exporters: «# three»\n      otlp: "# no"\n    service:\n      x: 1 «# four»\n  b: |\n    # no\n    text\n«# five»\n',
  ],
  ['a block of text at the margin', '--- |\n# no\ntext\n'],
  ['a byte order mark', '\ufeffa: 1 «# one»\n'],
  ['brackets at the margin', 'a: {\n«# one»\nb: 1\n}\nc: 1 «# two»\n'],
])('%s', (_, marked) => {
  const { text, marks } = readMarks(marked)
  const found = Array.from(comments(text), ({ line, column, text }) => ({ line, column, length: text.trimEnd().length }))
  expect(found).toEqual(marks.map(({ line, column, length }) => ({ line, column, length })))
})

test('whether a comment stands alone', () => {
  expect(Array.from(comments('  # a\nb: 1 # c\n'), ({ alone }) => alone)).toEqual([true, false])
})
