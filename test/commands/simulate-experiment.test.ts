import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import schemas from '#schemas'
import { main } from '../../src/cli/main.ts'
import { fakeHost } from '../fake-host.ts'

const text = (path: string) => readFileSync(new URL(`../../fixtures/${path}`, import.meta.url), 'utf8')
const FILES = {
  'poc/main.yaml': text('poc/main.yaml'),
  'experiments/primary-down.yaml': text('experiments/primary-down.yaml').replace('../poc', '../poc'),
  'experiments/../poc/main.yaml': text('poc/main.yaml'),
  'placebo.yaml': text('placebo.yaml'),
  'broken.yaml': text('poc/main.yaml').replace('- [traces/primary]', '- [traces/primry]'),
  'storage.yaml':
    `${text('poc/main.yaml').replace('retry_interval: 5s', 'retry_interval: 5s\n    sending_queue: { storage: file_storage }')}\nextensions: { file_storage: { directory: /tmp } }\n`.replace(
      'service:\n',
      'service:\n  extensions: [file_storage]\n',
    ),
}

async function run(argv: string, files: Readonly<Record<string, string>> = FILES) {
  const host = fakeHost({ files })
  return { exit: await main(argv.split(' '), host), out: host.out, err: host.err }
}

test('an experiment file names the config, the faults and what has to hold', async () => {
  const { exit, out, err } = await run('simulate --experiment experiments/primary-down.yaml --seed 1')
  expect(err).toBe('')
  expect(out).toContain('✓ failover_time < 1s')
  expect(out).toContain('20 runs')
  expect(out).toMatch(/(✓|✗) p95\(recovery_time\) <= 2m/)
  expect([0, 1]).toContain(exit)
})

test('the outcome has the one shape of outcomes, and the same seed gives the same answer', async () => {
  const argv = 'simulate poc/main.yaml --outage primary=60s..100s --crash collector@2m --seed 7 --json'
  const [one, other] = [await run(argv), await run(argv)]
  expect(one.out).toBe(other.out)
  const { outcome, series, why, runs } = JSON.parse(one.out)
  expect(schemas.outcome(outcome), JSON.stringify(schemas.outcome.errors?.map(({ instancePath }) => instancePath))).toBe(true)
  expect(series.delivered.map(({ rate }: { rate: number[] }) => rate.length)).toEqual([series.buckets, series.buckets])
  expect(outcome.faults.map(({ kind }: { kind: string }) => kind)).toEqual(['stop', 'crash'])
  expect(why.length).toBeGreaterThan(0)
  expect(runs).toHaveLength(1)
  const spans = (rates: number[]) => Math.round(rates.reduce((sum, rate) => sum + rate, 0) * series.bucket_s)
  expect(spans(series.acknowledged)).toBe(outcome.ledger.acknowledged)
  for (const { backend, rate } of series.delivered) expect(spans(rate)).toBe(outcome.ledger.delivered[backend])
})

test('flags beat the file', async () => {
  const { out } = await run('simulate --experiment experiments/primary-down.yaml --runs 1 --traffic 100/s --seed 1 --json')
  expect(JSON.parse(out).scenario).toMatchObject({ runs: 1, traffic: 100, spans_per_request: 20, sender_retry_s: 300 })
})

test('each loss is named with its line: a placebo that drops', async () => {
  const { exit, out } = await run('simulate placebo.yaml --outage level0=60s..10m --seed 1 --json')
  const { outcome, why } = JSON.parse(out)
  expect(exit).toBe(1)
  expect(outcome.ledger.lost).toBeGreaterThan(0)
  const losses = why.filter(({ kind }: { kind: string }) => kind === 'loss')
  expect(losses.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(outcome.ledger.lost)
  for (const { rule, file, line } of losses)
    expect([rule, file, line]).toEqual(['queue-hides-errors', 'placebo.yaml', expect.any(Number)])
})

describe('what cannot be run', () => {
  test.each<[what: string, argv: string, exit: number, words: string]>([
    ['no config', 'simulate --outage primary', 2, 'no config given'],
    ['no such file', 'simulate nowhere.yaml', 3, 'nowhere.yaml: no such file'],
    ['no such experiment', 'simulate --experiment nowhere.yaml', 3, 'nowhere.yaml: no such file'],
    ['an unknown backend, the nearest named', 'simulate poc/main.yaml --outage primry', 2, 'Did you mean primary?'],
    ['a window that ends first', 'simulate poc/main.yaml --outage primary=10m..60s', 2, 'ends (1m) before it begins (10m)'],
    ['two windows that overlap', 'simulate poc/main.yaml --outage primary=1m..3m --hang primary=2m..4m', 2, 'overlap'],
    ['no traffic', 'simulate poc/main.yaml --traffic 0', 2, 'without traffic no level ever changes'],
    ['negative traffic', 'simulate poc/main.yaml --traffic -5', 2, 'Expected spans per second'],
    ['an assertion that is none', 'simulate poc/main.yaml --assert lost', 2, 'column 5'],
    [
      'too much to keep apart',
      'simulate poc/main.yaml --traffic 100000 --spans-per-request 1 --duration 24h',
      2,
      'Put more spans into a request',
    ],
  ])('%s', async (_, argv, exit, words) => {
    const result = await run(argv)
    expect(result.err).toContain(words)
    expect(result.exit).toBe(exit)
    expect(result.out).toBe('')
  })

  test.each([
    ['a level that is no pipeline', 'broken.yaml', 'level-pipeline-undefined'],
    ['a storage on the connector, which panics', 'storage.yaml', 'connector-queue-with-storage'],
  ])('%s: its findings are printed', async (_, file, rule) => {
    const { exit, out } = await run(`simulate ${file} --outage level0`)
    expect(exit).toBe(1)
    expect(out).toContain(rule)
    expect(out).toContain('DEVIATED')
    expect(out).toMatch(/^failoverctl simulate/)
  })
})
