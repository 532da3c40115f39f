import { expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import type { HttpHandler, HttpReply, Network } from '../../src/core/host.ts'
import type { ScreenEvent } from '../../src/core/screen.ts'
import { type FakeHost, fakeHost } from '../fake-host.ts'
import { answer, answering, CONFIG, metricsOf } from '../watch/answers.ts'

const A = 'http://a:8888/metrics'
const level = (name: string) => answer(metricsOf(name))
const FAILOVER = { [A]: [level('normal-level0'), level('normal-level0'), level('normal-level1')] }

interface World {
  readonly replies?: Readonly<Record<string, HttpReply | readonly HttpReply[]>>
  readonly listen?: Network['listen']
}
const world = ({ replies = FAILOVER, listen }: World = {}) =>
  fakeHost({ files: { 'config.yaml': CONFIG }, network: { ...answering(replies), ...(listen && { listen }) } })

/** Runs it until it ends; `each` is called ten times a second. */
async function run(host: FakeHost, argv: readonly string[], each: () => void = () => {}) {
  let exit: number | undefined
  void main(['watch', ...argv], host).then(code => (exit = code))
  for (let turn = 0; turn < 10_000 && exit === undefined; turn++) {
    await new Promise(resolve => setTimeout(resolve, 1))
    await host.clock.advance(100)
    each()
  }
  expect(host.clock.pending).toBe(0)
  return exit
}

test('without a terminal: a line for each event', async () => {
  const host = world()
  expect(await run(host, ['--collector', 'a:8888,name=main', '--count', '4'])).toBe(0)
  const lines = host.out.replaceAll(/^\S+Z/gm, 'T').split('\n')
  expect(lines).toEqual([
    'T  main  failover: level 0 (otelcol_connector_failover_active_level)',
    'T  main  failover: level 0 → level 1 (otelcol_connector_failover_active_level)',
    '',
  ])
})

test('--json: the same as JSON lines', async () => {
  const host = world()
  expect(await run(host, ['--collector', A, '--for', '3s', '--json'])).toBe(0)
  const lines = host.out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(lines).toMatchObject([
    { collector: 'a:8888', kind: 'level', connector: 'failover', level: 0, gravity: 0 },
    { collector: 'a:8888', kind: 'level', connector: 'failover', level: 1, gravity: 1 },
  ])
})

test('on a terminal: a picture after each look, q ends it, and the terminal is given back', async () => {
  const host = world()
  const pictures: (readonly string[])[] = []
  let hear: (event: ScreenEvent) => void = () => {}
  let closed = 0
  Object.assign(host, {
    openScreen: (listener: typeof hear) => {
      hear = listener
      return { columns: 80, rows: 24, show: (lines: readonly string[]) => void pictures.push(lines), close: () => closed++ }
    },
  })
  const exit = await run(host, ['--collector', A, '--config', 'config.yaml'], () => {
    if (pictures.length >= 4) hear({ kind: 'key', key: 'q' })
  })
  expect({ exit, closed, out: host.out }).toEqual({ exit: 0, closed: 1, out: '' })
  expect(pictures.at(-1)?.join('\n')).toMatch(/→ 1 otlp\/secondary +┗━ /)
})

test.each([
  [[], 0],
  [['--for', '1h'], 130],
])('Ctrl-C with %j', async (argv, expected) => {
  const host = world()
  let turns = 0
  expect(await run(host, ['--collector', A, ...argv], () => ++turns === 50 && host.interrupt())).toBe(expected)
})

test('--serve: the level as a metric', async () => {
  let handle: HttpHandler | undefined
  let closed = false
  const host = world({
    listen: async (address, handler) => {
      handle = handler
      return { ...address, close: async () => void (closed = true) }
    },
  })
  const pages: string[] = []
  await run(host, ['--collector', A, '--count', '5', '--serve', ':9464'], () => {
    const reply = handle?.({ method: 'GET', path: '/metrics', headers: {}, body: new Uint8Array(), abandoned: () => false })
    if (reply && 'body' in reply) pages.push(String(reply.body))
  })
  expect(host.err).toBe('serves /metrics at :9464\n')
  expect(pages.at(-1)).toContain('failoverctl_failover_level{collector="a:8888",connector="failover"} 1\n')
  expect(closed).toBe(true)
})

test('nobody there: it goes on, and --count ends with 4', async () => {
  const host = world({ replies: {} })
  expect(await run(host, ['--collector', A, '--count', '3'])).toBe(4)
  expect(host.out.match(/connection refused/g)).toHaveLength(1)
})

test.each([
  [['--interval', '10ms', '--collector', A], /--interval cannot be under 100ms/],
  [['--serve', 'nonsense', '--collector', A], /--serve cannot be nonsense/],
  [[], /no collector is named/],
])('%j is wrong use', async (argv, says) => {
  const host = world()
  expect(await run(host, argv)).toBe(2)
  expect(host.err).toMatch(says)
})
