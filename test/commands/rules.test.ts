import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { RULES } from '../../src/validate/rules/index.ts'
import { TOPICS } from '../../src/validate/topics.ts'
import { fakeHost } from '../fake-host.ts'

async function run(...argv: string[]) {
  const host = fakeHost()
  const exit = await main(argv, host)
  return { exit, out: host.out, err: host.err }
}

describe('rules', () => {
  test('lists every one once, under what its kind means', async () => {
    const { exit, out } = await run('rules')
    expect(exit).toBe(0)
    const listed = Array.from(out.matchAll(/^ {2}(\S+)/gm), ([, id]) => id)
    expect(listed.sort()).toEqual([...TOPICS.keys()].sort())
    expect(out).toMatch(/^placebo: the collector starts, and does not fail over as meant$/m)
  })
  test('--json has them all, and nothing else on either stream', async () => {
    const { out, err } = await run('rules', '--json')
    expect(err).toBe('')
    const list = JSON.parse(out)
    expect(list).toHaveLength(TOPICS.size)
    expect(list[0]).toEqual({
      id: RULES[0]?.id,
      severity: RULES[0]?.severity,
      kind: RULES[0]?.kind,
      title: RULES[0]?.title,
    })
  })
})

describe('explain', () => {
  test.each([...TOPICS.keys()])('%s', async id => {
    const { exit, out } = await run('explain', id)
    const topic = TOPICS.get(id)
    expect(exit).toBe(0)
    expect(out).toContain(topic?.title)
    expect(out).toMatch(/\n\nWrong\n\n[\s\S]*\^[\s\S]*\n\nRight\n\n/)
    expect(out).not.toMatch(/[«»]/)
    expect(out.includes('failoverctl-disable-next-line '.concat(id))).toBe(
      topic?.kind !== 'refused' && !id.endsWith('-suppression'),
    )
  })
  test('the carets stand under the marked words', async () => {
    const { out } = await run('explain', 'same-backend')
    const lines = out.split('\n')
    const marks = lines.flatMap((line, index) => (/^\s*\^[\s^]*$/.test(line) ? [[lines[index - 1] ?? '', line] as const] : []))
    const bare = (TOPICS.get('same-backend')?.bad ?? []).join('\n')
    const words = Array.from(bare.matchAll(/«([^»]*)»/g), ([, word]) => word)
    const under = marks.flatMap(([above, line]) =>
      Array.from(line.matchAll(/\^+/g), ({ 0: { length }, index }) => above.slice(index, index + length)),
    )
    expect(under).toEqual(words)
    expect(words.length).toBeGreaterThan(0)
  })
  test.each([
    ['same-backed', /unknown rule `same-backed`; did you mean `same-backend`\?\n.*failoverctl rules/],
    ['constructor', /unknown rule `constructor`\n/],
  ])('%s is exit 2', async (id, message) => {
    expect(await run('explain', id)).toEqual({ exit: 2, out: '', err: expect.stringMatching(message) })
  })
})

test('schema prints what schemas/ has', async () => {
  const { exit, out, err } = await run('schema')
  expect([exit, err]).toEqual([0, ''])
  expect(JSON.parse(out)).toEqual(JSON.parse(readFileSync('schemas/collector-failover.schema.json', 'utf8')))
})
