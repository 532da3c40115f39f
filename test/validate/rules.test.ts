import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readGraph } from '../../src/collector/read-graph.ts'
import { NEWEST, parseVersion } from '../../src/collector/versions.ts'
import { expandReferences } from '../../src/source/expand.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import type { MapValue } from '../../src/source/value.ts'
import { RULES } from '../../src/validate/rules/index.ts'
import { readMarks } from '../marks.ts'

test('every rule file is in the list, under its own id', () => {
  const files = readdirSync(new URL('../../src/validate/rules', import.meta.url)).filter(name => name !== 'index.ts')
  expect(RULES.map(rule => `${rule.id}.ts`).sort()).toEqual(files.sort())
})

for (const rule of RULES) {
  test(`${rule.id} has examples of both kinds`, () => {
    expect(rule.bad.length).toBeGreaterThan(0)
    expect(rule.good.length).toBeGreaterThan(0)
  })

  for (const [index, example] of [...rule.bad, ...rule.good].entries()) {
    test(`${rule.id}, example ${index + 1}`, async () => {
      const { text, marks } = readMarks(example)
      expect(marks.length > 0, 'a bad example carries marks, a good one none').toBe(index < rule.bad.length)
      const release = /^# collector (\S+)$/m.exec(text)?.[1]
      const { value } = await expandReferences(readYaml('config.yaml', text), {})
      const graph = readGraph(value as MapValue, release === undefined ? NEWEST : parseVersion(release))
      const expected = text.startsWith('\n# expected:') ? { outageMs: 600_000, requestsPerSecond: 100, bytesPerSecond: 1e6 } : {}
      const found = Array.from(rule.check(graph, expected), ({ at }) => at).sort((a, b) => a.line - b.line || a.column - b.column)
      expect(found).toEqual(marks)
    })
  }
}
