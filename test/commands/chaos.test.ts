import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { outcome as isOutcome } from '#schemas'
import { main } from '../../src/cli/main.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { testHost } from '../real-host.ts'

const folder = mkdtempSync(join(tmpdir(), 'failoverctl-chaos-'))
afterAll(() => rmSync(folder, { recursive: true }))

const POC = 'fixtures/poc/main.yaml'
const FAST = [
  '--steady',
  '300ms',
  '--hold',
  '300ms',
  '--drain-within',
  '15s',
  '--config',
  'yaml:connectors::failover/traces::retry_interval: 1500ms',
]

async function run(...argv: string[]) {
  const host = testHost()
  const exit = await main(argv, host)
  await host.network.close()
  return { exit, ...host.printed }
}

async function chaos(...argv: string[]): Promise<{ exit: number; err: string; outcome: Outcome }> {
  const { exit, out, err } = await run('chaos', '--config', POC, ...FAST, '--json', ...argv)
  const outcome = JSON.parse(out) as Outcome
  expect(isOutcome(outcome)).toBe(true)
  return { exit, err, outcome }
}

const levels = ({ levels: seen }: Outcome) => seen.map(({ level }) => level)

test('a secret of a `yaml:` location is in no report', async () => {
  const secret = 'yaml:exporters::otlp/primary::headers: {authorization: Bearer hunter2}'
  const { out, err } = await run('chaos', '--config', POC, '--config', secret, '--stop', 'primary', '--dry-run')
  expect(out).toMatch(/config +fixtures\/poc\/main.yaml \+ yaml:/)
  expect(out + err).not.toContain('hunter2')
})

describe('the standard experiment on the lab', () => {
  test('--stop: level 0 → 1 → 0, nothing lost, and at once', async () => {
    const { exit, outcome, err } = await chaos('--stop', 'primary')
    expect(outcome).toMatchObject({
      verdict: 'held',
      reason: 'level 0 → 1 → 0, nothing lost',
      causes: [],
      ledger: { lost: 0, refused: 0, unknown: 0, duplicated: 0 },
    })
    expect(levels(outcome)).toEqual([0, 1, 0])
    // No timeout (5 s) was waited for; how fast it is else, the bench says.
    expect(outcome.failover_time_s).toBeLessThan(2)
    expect(outcome.recovery_time_s).toBeLessThan(4)
    expect(outcome.levels.every(({ evidence }) => evidence === 'otelcol_connector_failover_active_level')).toBe(true)
    expect(outcome.ledger.acknowledged).toBe(outcome.ledger.sent)
    expect(outcome.target).toBe('the embedded lab (no --target given)')
    expect(err.split('\n')[0]).toContain('on the embedded lab (no --target given)')
    expect(exit).toBe(0)
  })

  test("--pause: the failover time is the exporter's timeout", async () => {
    const { outcome } = await chaos(
      '--pause',
      'otlp/primary',
      '--config',
      'yaml:exporters::otlp/primary::timeout: 1s',
      '--target',
      'lab',
    )
    expect(outcome).toMatchObject({ verdict: 'held', ledger: { lost: 0 }, target: 'the embedded lab' })
    expect(outcome.failover_time_s).toBeGreaterThan(0.9)
    expect(outcome.failover_time_s).toBeLessThan(3)
  })

  test('--reject: any error fails over, and a level can be named by its number', async () => {
    expect((await chaos('--reject', 'level0=503')).outcome).toMatchObject({
      verdict: 'held',
      faults: [{ kind: 'reject', backend: 'primary' }],
    })
  })

  test('both down, only the second back: level -1, and with the connector queue a retry_interval of spans is lost', async () => {
    const { exit, outcome } = await chaos('--stop', 'primary,secondary', '--bring-back', 'secondary')
    expect(levels(outcome).filter((level, i, all) => !(level === 1 && all[i + 1] === -1))).toEqual([0, -1, 1])
    expect(outcome.verdict).toBe('deviated')
    expect(outcome.reason).toMatch(/acknowledged spans were lost.*connector-answers-early \(.+:\d+\)/)
    // 75 on a machine that has nothing else to do, and not all of them anywhere.
    expect(outcome.ledger.lost).toBeGreaterThan(60)
    expect(outcome.ledger.lost).toBeLessThan(outcome.ledger.acknowledged - 30)
    expect(outcome.ledger.lost_ranges.length).toBeGreaterThan(0)
    expect(outcome.faults).toMatchObject([
      { backend: 'primary', until_s: null },
      { backend: 'secondary', until_s: expect.any(Number) },
    ])
    expect(exit).toBe(1)
  })

  test('the same without the connector queue: nothing is lost, the sender is told', async () => {
    const off = 'yaml:connectors::failover/traces::sending_queue::enabled: false'
    const { exit, outcome } = await chaos(
      '--stop',
      'primary',
      '--stop',
      'secondary',
      '--bring-back',
      'secondary',
      '--config',
      off,
    )
    expect(outcome).toMatchObject({ verdict: 'held', ledger: { lost: 0 } })
    expect(outcome.ledger.refused).toBeGreaterThan(60)
    expect(exit).toBe(0)
  })
})

describe('reports', () => {
  test('as a page, as JUnit, as Markdown, and as the summary of a GitHub job, of one run', async () => {
    const host = testHost({ GITHUB_STEP_SUMMARY: join(folder, 'summary.md') })
    const path = (name: string) => join(folder, name)
    const files = ['--html', path('a.html'), '--junit', path('a.xml'), '--markdown', path('a.md')]
    expect(await main(['chaos', '--config', POC, ...FAST, '--stop', 'primary', ...files], host)).toBe(0)
    await host.network.close()
    const read = (name: string) => readFileSync(path(name), 'utf8')
    expect(read('a.html')).toMatch(/Held[\s\S]*Measured with[\s\S]*failover in time<\/th>[\s\S]*level 1 within/)
    expect(read('a.xml')).toContain('<testsuites name="failoverctl chaos" tests="6" failures="0"')
    expect(read('a.md')).toMatch(/^## Failover ✅ held\n/)
    expect(read('summary.md')).toBe(`${read('a.md')}\n`)
    expect(host.printed.err).toMatch(/wrote .*a\.html\nwrote .*a\.xml\nwrote .*a\.md\n$/)
  })

  test('a config that is not run has its report, too', async () => {
    const bad = 'yaml:connectors::failover/traces::max_retries: 3'
    const { exit } = await run('chaos', '--config', POC, '--config', bad, '--stop', 'primary', '--junit', join(folder, 'b.xml'))
    expect(exit).toBe(1)
    expect(readFileSync(join(folder, 'b.xml'), 'utf8')).toMatch(/tests="1" failures="1"[\s\S]*does not start with this config/)
  })

  test.each(['none/a.xml', 'dir'])('%s cannot be written: said before anything is made to fail', async name => {
    mkdirSync(join(folder, 'dir'), { recursive: true })
    const { exit, err } = await run('chaos', '--config', POC, '--stop', 'primary', '--junit', join(folder, name))
    expect({ exit, err }).toMatchObject({ exit: 3, err: expect.stringMatching(/^failoverctl: .*(a\.xml|dir): /) })
  })
})

describe('a placebo ends with exit 1, and the reason names rule and line', () => {
  test('queue and retry behind the connector', async () => {
    const { exit, outcome } = await chaos(
      '--stop',
      'primary',
      '--failover-within',
      '500ms',
      '--config',
      'yaml:exporters::otlp/primary: {endpoint: "a:4317"}',
      '--config',
      'yaml:exporters::otlp/primary::sending_queue::enabled: true',
    )
    expect(outcome.verdict).toBe('deviated')
    expect(outcome.reason).toMatch(/^no failover within 500ms: level 0, expected level 1, because queue-hides-errors \(.*:\d+\)/)
    expect(exit).toBe(1)
  })

  test('batch behind the connector, with what it lost', async () => {
    const { exit, outcome } = await chaos(
      '--stop',
      'primary',
      '--failover-within',
      '500ms',
      '--config',
      'yaml:processors::batch: {}',
      '--config',
      'yaml:service::pipelines::traces/primary::processors: [batch]',
    )
    expect(outcome.reason).toMatch(/batch-hides-errors/)
    expect(outcome.ledger.lost).toBeGreaterThan(0)
    expect(outcome.causes.find(({ rule }) => rule === 'batch-hides-errors')?.count).toBe(outcome.ledger.lost)
    expect(exit).toBe(1)
  })

  test('a config that a collector refuses does not run', async () => {
    const { exit, outcome } = await chaos('--stop', 'primary', '--config', 'yaml:connectors::failover/traces::max_retries: 3')
    expect(outcome).toMatchObject({ verdict: 'deviated', levels: [], ledger: { sent: 0 } })
    expect(outcome.reason).toMatch(/^collector 0\.163\.0 does not start with this config: removed-setting \(/)
    expect(exit).toBe(1)
  })
})

describe('bad input: one clear error, the documented exit code, nothing left running', () => {
  const file = (name: string, content: string | Uint8Array) => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }
  mkdirSync(join(folder, 'dir'), { recursive: true })
  const cases: [what: string, argv: string[], exit: number, err: RegExp][] = [
    ['no config', ['--stop', 'primary'], 2, /no config given/],
    ['no fault', ['--config', POC], 2, /no fault given[\s\S]*primary, secondary/],
    ['no such file', ['--config', join(folder, 'none.yaml'), '--stop', 'a'], 3, /none\.yaml: no such file/],
    ['a directory', ['--config', join(folder, 'dir'), '--stop', 'a'], 3, /is a directory/],
    ['an empty file', ['--config', file('empty.yaml', ''), '--stop', 'a'], 3, /empty\.yaml/],
    ['a binary file', ['--config', file('binary.yaml', Uint8Array.of(0, 1, 2)), '--stop', 'a'], 3, /binary\.yaml/],
    ['not YAML', ['--config', file('not.yaml', 'a: [b'), '--stop', 'a'], 3, /not\.yaml:1:\d+: /],
    ['YAML without service', ['--config', file('other.yaml', 'a: 1\n'), '--stop', 'a'], 3, /no `service`/],
    ['an unknown backend', ['--config', POC, '--stop', 'primry'], 2, /no backend is called primry[\s\S]*Did you mean primary\?/],
    ['a fault that touches no level 0', ['--config', POC, '--stop', 'secondary'], 2, /does not touch level 0/],
    ['an answer without status', ['--config', POC, '--reject', 'primary'], 2, /Example: --reject primary=429/],
    ['a bare number for a duration', ['--config', POC, '--stop', 'primary', '--hold', '3'], 2, /500ms, 5s or 2m30s/],
    ['an unknown target', ['--config', POC, '--stop', 'primary', '--target', 'moon'], 2, /Allowed choices are lab/],
    ['an unknown flag', ['--config', POC, '--stopp', 'primary'], 2, /Did you mean --stop\?/],
    [
      'an impossible version',
      ['--config', POC, '--stop', 'primary', '--collector-version', 'new'],
      2,
      /Expected a release such as/,
    ],
  ]
  test.each(cases)('%s', async (_, argv, exit, err) => {
    const result = await run('chaos', ...argv)
    expect(result).toMatchObject({ exit, out: '' })
    expect(result.err).toMatch(err)
    expect(result.err).not.toMatch(/\n\s+at /)
  })
})

test('Ctrl-C in the middle: the backends are back, exit 130', async () => {
  const host = testHost()
  host.clock.timer(1500, () => host.interrupt())
  const exit = await main(['chaos', '--config', POC, '--stop', 'primary', '--steady', '200ms', '--hold', '60s'], host)
  await host.network.close()
  expect(exit).toBe(130)
  expect(host.printed.err).toMatch(/interrupted; undone, back again: primary; \d+ of \d+ spans were acknowledged/)
  expect(host.printed.out).toBe('')
})
