import { expect, test } from 'vitest'
import { readDuration } from '../../src/source/duration.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import { lookup } from '../../src/source/value.ts'

test.each([
  ['5s', { ms: 5000, bare: false }],
  ['1m30s', { ms: 90_000, bare: false }],
  ['5', { ms: 0.000005, bare: true }],
  ['5000000', { ms: 5, bare: true }],
  ['1.9', { ms: 0.000001, bare: true }],
  ['0', { ms: 0, bare: false }],
  ['"0"', { ms: 0, bare: false }],
  ['-1s', { ms: -1000, bare: false }],
  ['"5"', undefined],
  ['5 s', undefined],
  ['.inf', undefined],
  ['true', undefined],
  ['', undefined],
  ['[5s]', undefined],
])('the duration %s', (text, duration) => {
  expect(readDuration(lookup(readYaml('config.yaml', `a: ${text}`), 'a') as never)).toStrictEqual(duration)
})
