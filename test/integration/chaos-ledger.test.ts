import { appendFileSync, existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JournalEntry, JournalHeader } from '../../src/chaos/journal/record.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { hasGo } from '../collector/build.mjs'
import { World } from './process-world.ts'

const hex = (number: number) => number.toString(16).padStart(16, '0')
/** A line as a file exporter writes it. */
const line = (run: string, numbers: readonly number[]): string => {
  const spans = numbers.map(number => ({ traceId: run + hex(number), spanId: hex(number), name: 'planted' }))
  return `${JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })}\n`
}

describe.skipIf(!(await hasGo()) && !process.env.CI)('what real collectors hold is tampered with (skipped without Go)', () => {
  const world = new World()
  const file = (name: string) => join(world.folder, name)
  beforeAll(() => world.start(), 300_000)
  afterAll(() => world.stop())

  /** Runs an experiment; `meddle` comes when traffic is off and the backends are being drained. */
  async function tampered(journal: string, meddle: (run: string) => void) {
    const running = world.run('chaos', '--json', '--stop', 'primary', '--journal', journal)
    const entries = () =>
      (existsSync(file(journal)) ? readFileSync(file(journal), 'utf8') : '')
        .split('\n')
        .filter(text => text.endsWith('}'))
        .map(text => JSON.parse(text) as JournalHeader | JournalEntry)
    for (let turn = 0; turn < 600 && !entries().some(({ kind }) => kind === 'draining'); turn++) await sleep(50)
    const header = entries().find(({ kind }) => kind === 'header') as JournalHeader
    meddle(header.run)
    const { exit, out } = await running
    return { exit, outcome: JSON.parse(out) as Outcome }
  }

  test('planted duplicates and phantoms are found, to the span', async () => {
    const { exit, outcome } = await tampered('planted.jsonl', run =>
      appendFileSync(file('secondary.jsonl'), line(run, [1, 2, 2, 4_000_000, 4_000_001])),
    )
    expect(exit).toBe(1)
    expect(outcome).toMatchObject({ verdict: 'deviated', reason: '2 spans arrived that were never sent' })
    expect(outcome.ledger).toMatchObject({ lost: 0, duplicated: 3 })
    expect(outcome.ledger.counted).toMatchObject({ duplicated_ranges: [[1, 2]], phantom_ranges: [[4_000_000, 4_000_001]] })
  }, 120_000)

  test('a file of arrivals that is gone at the end makes the verdict unknown', async () => {
    const { exit, outcome } = await tampered('gone.jsonl', () => renameSync(file('secondary.jsonl'), file('elsewhere.jsonl')))
    renameSync(file('elsewhere.jsonl'), file('secondary.jsonl'))
    expect(exit).toBe(1)
    expect(outcome.verdict).toBe('unknown')
    expect(outcome.reason).toMatch(/^not everything could be counted: secondary has no file .*secondary.jsonl$/)
    expect(outcome.checks.find(({ name }) => name === 'everything counted')?.result).toBe('unknown')
  }, 120_000)
})
