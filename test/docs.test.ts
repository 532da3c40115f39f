import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { simulatedBesideMeasured } from '../scripts/simulated-beside-measured.ts'
import { rulePages } from '../src/formats/rule-pages.ts'
import { RULES } from '../src/validate/rules/index.ts'
import { TOPICS } from '../src/validate/topics.ts'

const folder = new URL('../docs/rules/', import.meta.url)
const pages = rulePages(TOPICS.values())

test('docs/rules has a page for every rule, the list, and nothing else', () => {
  expect(readdirSync(folder).sort(), 'npm run docs writes them').toEqual([...pages.keys()].sort())
  expect(pages.size).toBe(TOPICS.size + 1)
  expect(TOPICS.size).toBeGreaterThan(RULES.length)
})

test('every page says what the rule says now', () => {
  const checked = Array.from(pages, ([name, text]) => {
    expect(readFileSync(new URL(name, folder), 'utf8'), `${name} is stale: npm run docs`).toBe(text)
    return name
  })
  expect(checked.length).toBe(pages.size)
  expect(checked.length).toBeGreaterThan(30)
})

test('what is simulated beside what was measured is what the model computes now', () => {
  const page = readFileSync(new URL('../docs/simulated-beside-measured.md', import.meta.url), 'utf8')
  expect(page, 'stale: npm run docs').toBe(simulatedBesideMeasured())
}, 60_000)

test('every page has an example that is marked, one that is not, and the list leads to it', () => {
  for (const { id, title } of TOPICS.values()) {
    const page = pages.get(`${id}.md`)
    expect(page).toMatch(/^# .*\n[\s\S]*## Wrong\n[\s\S]*\^[\s\S]*## Right\n\n```yaml\n/)
    expect(page).not.toMatch(/[«»]/)
    expect(pages.get('README.md')).toContain(`| [${id}](${id}.md) |`)
    expect(page).toContain(title)
  }
})
