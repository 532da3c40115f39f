import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { type FakeHost, fakeHost } from '../fake-host.ts'

const POC = readFileSync(new URL('../../fixtures/poc/main.yaml', import.meta.url), 'utf8')
const PLACEBO = readFileSync(new URL('../../fixtures/placebo.yaml', import.meta.url), 'utf8')
const OUTAGE = ['--outage', 'level0=60s..90s', '--seed', '1']

async function run(
  argv: readonly string[],
  files: Readonly<Record<string, string>> = { 'poc.yaml': POC, 'placebo.yaml': PLACEBO },
) {
  const host = fakeHost({ files })
  return { exit: await main(argv, host), host }
}
const file = (host: FakeHost, name: string) => new TextDecoder().decode(host.contents.get(name))

test('a config that holds, drawn and told', async () => {
  const { exit, host } = await run(['simulate', 'poc.yaml', ...OUTAGE, '--assert', 'lost == 0'])
  expect(host.err).toBe('')
  expect(exit).toBe(0)
  expect(host.out).toMatch(/level 0 +━+┓ +┏━+/)
  expect(host.out).toContain('✓ lost == 0')
})

test('a run in which nothing fails says so, and names no queue that stayed empty', async () => {
  const { exit, host } = await run(['simulate', 'poc.yaml', '--seed', '1'])
  expect(exit).toBe(0)
  expect(host.out).toContain('note: nothing fails in this run')
  expect(host.out).not.toContain('failover/logs 0 of')
  const outage = await run(['simulate', 'poc.yaml', ...OUTAGE])
  expect(outage.host.out).not.toContain('nothing fails')
})

test('a placebo: exit 1, and the rule that says why', async () => {
  const { exit, host } = await run(['simulate', 'placebo.yaml', ...OUTAGE])
  expect(exit).toBe(1)
  expect(host.out).toContain('queue-hides-errors')
})

test.each([80, 120])('in a terminal of %d columns no line is broken by the terminal', async columns => {
  const host = fakeHost({ files: { 'placebo.yaml': PLACEBO } })
  await main(['simulate', 'placebo.yaml', ...OUTAGE], { ...host, terminal: { ...host.terminal, columns } })
  expect(host.out).toMatch(/Why[\s\S]*DEVIATED/)
  expect(host.out.split('\n').filter(line => line.length > columns)).toEqual([])
})

test('configs named both ways are one config', async () => {
  const slower = 'yaml:connectors::failover/traces::retry_delay: 60s'
  const { exit, host } = await run(['simulate', 'poc.yaml', '--config', slower, ...OUTAGE])
  expect(exit).toBe(1)
  expect(host.out).toContain('retry_delay')
  expect(host.out).toContain(`Next: failoverctl validate --merge '${slower}' poc.yaml\n`)
})

test.each([
  ['simulate', []],
  ['simulate', ['--json']],
  ['simulate', ['--sweep', 'connectors.failover/*.retry_interval=2s']],
  ['validate', ['--merge']],
])('%s %j: a secret of a `yaml:` location is shown nowhere', async (command, flags) => {
  const secret = 'yaml:exporters::otlp/primary::headers: {authorization: Bearer hunter2}'
  const rest = command === 'simulate' ? [...OUTAGE, '--html', 'r.html'] : []
  const { host } = await run([command, 'poc.yaml', secret, ...rest, ...flags])
  const page = host.contents.has('r.html') ? file(host, 'r.html') : ''
  expect(host.out + host.err + page).toContain('poc.yaml')
  expect(host.out + host.err + page).not.toContain('hunter2')
})

test('the page is written beside the text', async () => {
  const { host } = await run(['simulate', 'poc.yaml', ...OUTAGE, '--html', 'r.html'])
  expect(file(host, 'r.html')).toMatch(/^<!doctype html>[\s\S]*primary is stopped/)
  expect(host.err).toBe('wrote r.html\n')
})

describe('a sweep', () => {
  const SWEEP = ['simulate', 'poc.yaml', ...OUTAGE, '--sweep', 'connectors.failover/*.retry_interval=60s,2s']

  test('finds the best and writes it where the setting stands, and nothing else', async () => {
    const { exit, host } = await run([...SWEEP, '--write'])
    expect(exit).toBe(0)
    expect(host.out).toContain('BEST  connectors.failover/*.retry_interval=2s')
    expect(file(host, 'poc.yaml')).toBe(POC.replaceAll('retry_interval: 5s', 'retry_interval: 2s'))
  })

  test('as JSON: every choice with its figures', async () => {
    const { host } = await run([...SWEEP, '--json'])
    const { best, tried } = JSON.parse(host.out)
    expect(best).toEqual({ 'connectors.failover/*.retry_interval': '2s' })
    expect(tried.map((one: { spread: { recovery_time: { max: number } } }) => one.spread.recovery_time.max)).toHaveLength(2)
    expect(file(host, 'poc.yaml')).toBe(POC)
  })

  test('a choice that no collector starts with is told, and the others count', async () => {
    const { exit, host } = await run([
      'simulate',
      'poc.yaml',
      ...OUTAGE,
      '--sweep',
      'connectors.failover/traces.retry_interval=soon,2s',
    ])
    expect(exit).toBe(0)
    expect(host.out).toMatch(/soon .*a collector does not start with it/)
    expect(host.out).toContain('got the text `soon`')
  })

  test('of standard input, which can be read once only', async () => {
    const host = fakeHost({ files: { '-': POC } })
    let reads = 0
    const read = (path: string) => (path === '-' && reads++ > 0 ? Promise.resolve(new Uint8Array()) : host.files.read(path))
    const exit = await main(SWEEP.with(1, '-'), { ...host, files: { ...host.files, read } })
    expect(exit).toBe(0)
    expect(reads).toBe(1)
  })

  test('of standard input cannot be written, and says so before it computes', async () => {
    const { exit, host } = await run([...SWEEP.with(1, '-'), '--write'], { '-': POC })
    expect(exit).toBe(2)
    expect(host.err).toMatch(/--write needs a config in a file/)
    expect(host.out).toBe('')
  })

  test('nothing holds: exit 1, and nothing is written', async () => {
    const { exit, host } = await run([...SWEEP, '--assert', 'recovery_time < 1ms', '--write'])
    expect(exit).toBe(1)
    expect(host.out).toContain('NONE')
    expect(file(host, 'poc.yaml')).toBe(POC)
  })
})

describe('compare', () => {
  test('the same outage on both, and a page with both', async () => {
    const { exit, host } = await run(['compare', 'poc.yaml', 'placebo.yaml', ...OUTAGE, '--html', 'c.html'])
    expect(exit).toBe(0)
    expect(host.out).toMatch(/verdict +held +deviated/)
    expect(file(host, 'c.html').match(/<article/g)).toHaveLength(2)
  })

  test('an assertion has to hold for both', async () => {
    const { exit, host } = await run(['compare', 'poc.yaml', 'placebo.yaml', ...OUTAGE, '--assert', 'failover_time < 2s'])
    expect(exit).toBe(1)
    expect(host.out).toContain('✓ ✗ failover_time < 2s')
  })
})

describe('a project file', () => {
  const project = (more = '') =>
    `config: ../poc.yaml\nsimulate:\n  outage: [level0=60s..90s]\n  assert: [lost == 0, failover_time < 2s]\n  seed: 1\n${more}`

  test('says what fails and what has to hold', async () => {
    const { exit, host } = await run(['simulate', '--project', 'ops/p.yaml'], { 'poc.yaml': POC, 'ops/p.yaml': project() })
    expect(host.err).toBe('')
    expect(exit).toBe(0)
    expect(host.out).toMatch(/^failoverctl simulate poc\.yaml,/)
    expect(host.out).toContain('✓ failover_time < 2s')
  })

  test('says the same to compare', async () => {
    const { exit, host } = await run(['compare', 'poc.yaml', 'placebo.yaml', '--project', 'ops/p.yaml'], {
      'poc.yaml': POC,
      'placebo.yaml': PLACEBO,
      'ops/p.yaml': project(),
    })
    expect(exit).toBe(1)
    expect(host.out).toContain('✓ ✗ failover_time < 2s')
  })

  test('names an experiment from its own folder', async () => {
    const { exit, host } = await run(['simulate', '--project', 'ops/p.yaml'], {
      'poc.yaml': POC,
      'ops/p.yaml': project('  experiment: x.yaml\n'),
      'ops/x.yaml': 'configuration: {traffic: 100/s}\nmethod: [{fault: pause, target: level1, at: 10s, until: 11s}]\n',
    })
    expect(host.err).toBe('')
    expect(exit).toBe(0)
    expect(host.out).toContain('100 spans/s')
    expect(host.out).toContain('secondary is paused')
  })
})

test.each([
  [['simulate'], /no config given/],
  [['simulate', 'poc.yaml', '--write'], /--write needs a --sweep/],
  [['simulate', 'poc.yaml', '--sweep', 'x'], /--sweep x cannot be understood/],
  [['simulate', 'poc.yaml', '--sweep', 'exporters.otlp.timeout=1s'], /no exporters\.otlp\n.*exporters\.otlp\/primary/],
  [['compare', 'poc.yaml'], /one config alone/],
])('%j is wrong use', async (argv, message) => {
  const { exit, host } = await run(argv)
  expect(exit).toBe(2)
  expect(host.err).toMatch(message)
  expect(host.out).toBe('')
})
