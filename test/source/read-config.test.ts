import { expect, test } from 'vitest'
import { FailoverctlError } from '../../src/core/errors.ts'
import { readConfig } from '../../src/source/read-config.ts'
import { lookup, plain } from '../../src/source/value.ts'
import { failure } from './failure.ts'

const FILES: Record<string, string> = {
  'a.yaml': 'x: {y: 1, z: "${V}"}\n',
  'b.yaml': 'x: {y: 2}\n',
  '-': 'from: input\n',
  'C:\\c.yaml': 'drive: c\n',
  'two.yaml': '# first\n---\na: 1\n---\nb: 2\n',
  'list.yaml': '# here\n- a\n',
  'text.yaml': 'hello\n',
  'comment.yaml': '# nothing\n',
  'broken.yaml': 'a: [\n',
  'refers.yaml': 'a: ${file:b.yaml}\nb: ${file:none.yaml}\n',
}

const read = async (...locations: string[]) =>
  readConfig(locations, {
    env: { V: 'v', WHOLE: 'a: ${V}' },
    async read(path) {
      const text = FILES[path]
      if (text === undefined) throw new FailoverctlError('no-such-file', `${path}: no such file`)
      return new TextEncoder().encode(text)
    },
  })

test.each([
  ['a path', ['a.yaml'], ['a.yaml'], { x: { y: 1, z: 'v' } }],
  ['file:', ['file:b.yaml'], ['b.yaml'], { x: { y: 2 } }],
  ['a drive letter', ['C:\\c.yaml'], ['C:\\c.yaml'], { drive: 'c' }],
  ['standard input', ['-'], ['<stdin>'], { from: 'input' }],
  ['a variable', ['env:WHOLE'], ['env:WHOLE'], { a: 'v' }],
  ['text', ['yaml:x::y: 3', 'yaml:x::w: 4'], ['<yaml>', '<yaml 2>'], { x: { y: 3, w: 4 } }],
  ['several files', ['a.yaml', 'b.yaml'], ['a.yaml', 'b.yaml'], { x: { y: 2, z: 'v' } }],
  ['a file and a change to it', ['a.yaml', 'yaml:x::y: 3'], ['a.yaml', '<yaml>'], { x: { y: 3, z: 'v' } }],
])('a config is read from %s', async (_, locations, files, value) => {
  const config = await read(...locations)
  expect([plain(config.root), config.files]).toStrictEqual([value, files])
  expect(Array.from(config.texts.keys())).toStrictEqual(files)
})

test('every value knows its file, and the text of that file is there', async () => {
  const { root, texts } = await read('a.yaml', 'b.yaml')
  expect([lookup(root, 'x', 'y')?.at.file, lookup(root, 'x', 'z')?.at.file]).toStrictEqual(['b.yaml', 'a.yaml'])
  expect(texts.get('b.yaml')).toBe('x: {y: 2}\n')
})

test('a file that is referred to is read too', async () => {
  const { root, notes } = await read('refers.yaml')
  expect(plain(root)).toStrictEqual({ a: { x: { y: 2 } }, b: '${file:none.yaml}' })
  expect(notes.map(note => note.message)).toStrictEqual(['`${file:none.yaml}`: none.yaml: no such file'])
})

test('a second document is remarked', async () => {
  const { notes } = await read('two.yaml')
  expect(notes).toMatchObject([{ id: 'several-documents', severity: 'warning', at: { file: 'two.yaml', line: 4, column: 1 } }])
})

test.each([
  ['no location', [], 'wrong-use: no config is named'],
  ['a missing file', ['none.yaml'], 'no-such-file: none.yaml: no such file'],
  ['an address', ['https://x/y'], 'bad-reference: https://x/y: not read, it would need the network'],
  ['an unknown scheme', ['s3:x'], 'bad-reference: s3:x: unknown scheme `s3`'],
  ['a path with a colon', ['./a:b'], 'bad-reference: ./a:b: a path with a `:` needs a scheme'],
  ['an unset variable', ['env:UNSET'], 'bad-reference: env:UNSET: this environment variable is not set'],
  ['a list', ['list.yaml'], 'not-yaml: list.yaml:2:1: a list at the top, and a config is a map'],
  ['a text', ['text.yaml'], 'not-yaml: text.yaml:1:1: a single value at the top, and a config is a map'],
  ['only comments', ['comment.yaml'], 'empty-file: comment.yaml:1:1: no config in it'],
  ['nothing inline', ['yaml:'], 'empty-file: <yaml>:1:1: no config in it'],
  ['broken YAML', ['a.yaml', 'broken.yaml'], 'not-yaml: broken.yaml:2:1: a list in brackets is not closed'],
])('%s is refused', async (_, locations, message) => expect(await failure(() => read(...locations))).toBe(message))
