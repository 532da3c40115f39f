import { expect, test } from 'vitest'
import { decodeText } from '../../src/source/decode-text.ts'
import { failure } from './failure.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test.each([
  ['nothing', bytes(''), 'empty-file: a.yaml: empty'],
  ['white space', bytes(' \n\t\n'), 'empty-file: a.yaml: empty'],
  ['a zero byte', bytes('a: \0'), 'binary-file: a.yaml: not text, it holds zero bytes'],
  ['broken UTF-8', Uint8Array.of(0x61, 0xc3, 0x28), 'binary-file: a.yaml: not valid UTF-8'],
  [
    'UTF-16, little end first',
    Uint8Array.of(0xff, 0xfe, 0x61, 0),
    'binary-file: a.yaml: UTF-16 text, and the Collector reads UTF-8 only',
  ],
  [
    'UTF-16, big end first',
    Uint8Array.of(0xfe, 0xff, 0, 0x61),
    'binary-file: a.yaml: UTF-16 text, and the Collector reads UTF-8 only',
  ],
  ['more than 4 MiB', new Uint8Array(4 * 1024 * 1024 + 1), 'too-large: a.yaml: larger than 4 MiB'],
])('a file of %s is refused', async (_, content, message) => {
  expect(await failure(() => decodeText('a.yaml', content))).toBe(message)
})

test('a byte order mark of UTF-8 is taken off', () => expect(decodeText('a.yaml', bytes('\ufeffa: é'))).toBe('a: é'))
