import { expect, test } from 'vitest'
import { atPointer } from '../../src/source/paths.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import { readMarks } from './marks.ts'

test.each([
  ['/a', '«a»: «1»'],
  ['/a/b', 'a: {«b»: «1»}'],
  ['/otlp~1x/k~0l', 'otlp/x: {«k~l»: «1»}'],
  ['/a/1', 'a: [x, «y»]'],
  ['/a/1/b', 'a: [x, {«b»: «y»}]'],
  ['/', '«""»: «1»'],
  ['/a/gone', '«a»: «1»'],
])('the pointer %s leads to its key and value', (pointer, marked) => {
  const { text, marks } = readMarks(marked)
  const { value, keyAt } = atPointer(readYaml('config.yaml', text), pointer)
  expect([keyAt, value.at].filter(at => at !== undefined)).toStrictEqual(marks)
})

test('an empty pointer leads to the root', () => {
  const root = readYaml('config.yaml', 'a: 1')
  expect(atPointer(root, '').value).toBe(root)
})
