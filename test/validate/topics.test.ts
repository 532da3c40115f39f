import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { REMARKS } from '../../src/validate/remarks.ts'
import { RULES } from '../../src/validate/rules/index.ts'
import { TOPICS } from '../../src/validate/topics.ts'
import { readMarks } from '../marks.ts'

/** Where findings are made outside of rules: `rule: 'id'`, `id: 'id'` of a note, or a helper called `finding`. */
const MADE = /(?:\b(?:rule|id): |\bfinding\()'([a-z][a-z0-9-]+)'/g

const made = ['source', 'validate'].flatMap(room => {
  const folder = new URL(`../../src/${room}/`, import.meta.url)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => /^[^/\\]+\.ts$/.test(name))
  return files.flatMap(name => Array.from(readFileSync(new URL(name, folder), 'utf8').matchAll(MADE), ([, id]) => id as string))
})

test('everything that can be found can be explained: add what is missing to src/validate/remarks.ts', () => {
  expect(made.length).toBeGreaterThan(5)
  expect(made.filter(id => !TOPICS.has(id))).toEqual([])
})

test('no remark is there that nothing makes, and none has the name of a rule', () => {
  expect(REMARKS.map(({ id }) => id).filter(id => !made.includes(id))).toEqual([])
  expect(TOPICS.size).toBe(RULES.length + REMARKS.length)
})

test.each(REMARKS)('$id has a bad example with marks and a good one without', ({ bad, good }) => {
  expect(bad.length * good.length).toBeGreaterThan(0)
  for (const example of bad) expect(readMarks(example).marks.length).toBeGreaterThan(0)
  for (const example of good) expect(example).not.toMatch(/[«»]/)
})
