import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import type { HttpReply } from '../../src/core/host.ts'
import { fakeHost } from '../fake-host.ts'
import { answer, answering, CONFIG, metricsOf } from '../watch/answers.ts'

const A = 'http://a:8888/metrics'
const level = (name: string) => answer(metricsOf(name))
const withoutGauge = (name: string) => answer(metricsOf(name).replace(/^otelcol_connector_failover.*\n/gm, ''))
const refusing = (before: number, after: number) =>
  [before, after].map(count =>
    answer(`otelcol_receiver_refused_spans{receiver="otlp"} ${count}\notelcol_process_uptime ${count}\n`),
  )

async function status(argv: readonly string[], replies: Readonly<Record<string, HttpReply | readonly HttpReply[]>>) {
  const host = fakeHost({ files: { 'config.yaml': CONFIG }, network: answering(replies) })
  let exit: number | undefined
  void main(['status', ...argv], host).then(code => (exit = code))
  // The command is loaded in real time, and waits in this one.
  for (let turn = 0; turn < 10_000 && exit === undefined; turn++) {
    await new Promise(resolve => setTimeout(resolve, 1))
    await host.clock.advance(100)
  }
  expect(host.clock.pending).toBe(0)
  return { exit, out: host.out, err: host.err }
}

describe('exit codes', () => {
  const one = ['--collector', A]
  const both = ['--collector', 'a:8888', '--collector', 'b:8888']
  const cases: [argv: string[], replies: Record<string, HttpReply | readonly HttpReply[]>, exit: number, says: RegExp][] = [
    [one, { [A]: level('normal-level0') }, 0, /level 0/],
    [one, { [A]: level('normal-level1') }, 0, /LEVEL 1, failed over/],
    [one, { [A]: level('normal-alldown') }, 0, /ALL LEVELS FAILED/],
    [one, {}, 4, /NOT READ.*connection refused/],
    [both, { [A]: level('normal-level0') }, 1, /b:8888\n {2}NOT READ/],
    [[...one, '--expect-level', '0'], { [A]: level('normal-level0') }, 0, /AS EXPECTED {2}--expect-level 0/],
    [[...one, '--expect-level', '0'], { [A]: level('normal-level1') }, 1, /failover is at level 1/],
    [[...one, '--expect-level', '<=1'], { [A]: level('normal-level1') }, 0, /AS EXPECTED/],
    [[...one, '--expect-level', '0'], { [A]: answer('otelcol_process_uptime 5\n') }, 1, /no failover connector is seen/],
    [[...one, '--expect-level', '0'], { [A]: withoutGauge('normal-level0') }, 1, /the level is not known/],
    [[...both, '--expect-level', '0'], { [A]: level('normal-level0') }, 1, /b:8888: .*connection refused/],
    [[...one, '--expect-queue', '<80%'], { [A]: level('queued-level1') }, 0, /AS EXPECTED/],
    [[...one, '--expect-queue', '<5'], { [A]: level('queued-level1') }, 1, /the queue of otlp\/primary holds 5/],
    [[...one, '--expect-queue', '<0.05%'], { [A]: level('queued-level1') }, 1, /is 0% full \(5 of 10000\)/],
    [[...one, '--expect-refused', '0'], { [A]: refusing(7, 7) }, 0, /AS EXPECTED/],
    [[...one, '--expect-refused', '0'], { [A]: refusing(7, 9) }, 1, /receivers: 2 refused between the looks/],
    [[...one, '--expect-refused', '0'], { [A]: refusing(9, 7) }, 1, /started anew/],
    [
      [...one, '--expect-failed', '0', '--config', 'config.yaml'],
      { [A]: [level('normal-level0'), level('normal-level1')] },
      1,
      /otlp\/primary: 1 failed/,
    ],
    [[...one, '--expect-dropped', '0'], { [A]: level('normal-level0') }, 0, /AS EXPECTED/],
    [
      ['--collector', `${A},health=b:1`, '--expect-health'],
      { [A]: level('normal-level0'), 'http://b:1/': answer('', 503) },
      1,
      /says no/,
    ],
    [[...one, '--expect-health'], { [A]: level('normal-level0') }, 1, /nobody said where to ask/],
  ]
  test.each(cases)('%j', async (argv, replies, exit, says) => {
    const run = await status(argv, replies)
    expect(run.out).toMatch(says)
    expect(run.exit).toBe(exit)
  })
})

describe('wrong use', () => {
  const cases: [argv: string[], exit: number, says: RegExp][] = [
    [[], 2, /no collector is named/],
    [['--collector', 'ftp://a'], 2, /expected an address/],
    [['--collector', 'a:1', '--expect-level', 'low'], 2, /--expect-level cannot be low/],
    [['--collector', 'a:1', '--expect-refused', '<1%'], 2, /--expect-refused cannot be <1%/],
    [['--kubernetes'], 2, /without labels/],
    [['--compose', 'none.yaml'], 3, /none\.yaml: no such file/],
    [['--config', 'none.yaml'], 3, /none\.yaml: no such file/],
  ]
  test.each(cases)('%j', async (argv, exit, says) => {
    const run = await status(argv, {})
    expect(run).toMatchObject({ exit, out: '' })
    expect(run.err).toMatch(says)
  })
})

test('the level of a collector without a gauge takes a second look, by itself', async () => {
  const replies = { [A]: [withoutGauge('normal-level0'), withoutGauge('normal-level1')] }
  const { out, exit } = await status(['--collector', A, '--config', 'config.yaml'], replies)
  expect(out).toMatch(
    /LEVEL 1, failed over.*\(growth of otelcol_exporter_sent_\*\)\n {4}0 otlp\/primary .*\n {2}→ 1 otlp\/secondary {2}5\/s sent/,
  )
  expect(exit).toBe(0)
})

test('a config alone means the collector on this machine, at its own port', async () => {
  const { out } = await status(['--config', 'config.yaml'], { 'http://localhost:8888/metrics': level('normal-level1') })
  expect(out).toMatch(/^localhost:8888 {2}collector 0\.161\.0/)
})

test('of many, those that are well have one line together', async () => {
  const many = Array.from({ length: 20 }, (_, index) => `c${index}:8888`)
  const replies = Object.fromEntries(
    many.map((host, index) => [`http://${host}/metrics`, level(index === 7 ? 'normal-level1' : 'normal-level0')]),
  )
  const { out } = await status(
    many.flatMap(host => ['--collector', host]),
    replies,
  )
  expect(out).toMatch(/^c7:8888 {2}/)
  expect(out).toMatch(/19 collectors at level 0, and nothing fails\n$/)
})

test('--json is JSON and nothing else; a clock that differs is told', async () => {
  const { out } = await status(['--collector', A, '--json', '--expect-level', '0'], {
    [A]: answer(metricsOf('normal-level1'), 200, { date: 'Thu, 01 Jan 1970 01:00:00 GMT' }),
  })
  expect(JSON.parse(out)).toMatchObject({
    as_expected: false,
    unmet: [{ collector: 'a:8888', expectation: '--expect-level 0' }],
    collectors: [
      { name: 'a:8888', clock_ahead_s: expect.closeTo(3600, -2), connectors: [{ id: 'failover', level: 1, changed_s: null }] },
    ],
  })
})
