import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import type { SinkSummary } from '../../src/sink/summary.ts'
import { type TestHost, testHost } from '../real-host.ts'
import { RUN, tracesOf } from '../sink/requests.ts'

let host: TestHost
let folder: string | undefined
afterEach(async () => {
  await host.network.close()
  if (folder) await host.files.remove(folder)
  folder = undefined
})

/** Starts a sink on free ports; answers with where it listens and how it ends. */
async function start(...args: string[]) {
  host = testHost()
  const ended = main(['sink', '--port', '0', '--grpc-port', '0', ...args], host)
  const url = await waitFor(() => /OTLP\/HTTP on (https?:\S+[0-9])/.exec(host.printed.err)?.[1])
  return { url, ended }
}

async function waitFor<T>(find: () => T | undefined): Promise<T> {
  for (let turn = 0; turn < 500; turn++) {
    const found = find()
    if (found !== undefined) return found
    await sleep(20)
  }
  throw new Error(`nothing to be found in ${host.printed.err}`)
}
const sleep = (ms: number) => new Promise(resolve => host.clock.timer(ms, () => resolve(undefined)))
const post = (url: string, body: Uint8Array) =>
  host.network.request({
    method: 'POST',
    url: `${url}/v1/traces`,
    headers: { 'content-type': 'application/json' },
    body,
    timeoutMs: 5000,
  })
const summary = () => JSON.parse(host.printed.out) as SinkSummary

const sent = (acknowledged: number, others: object = {}) =>
  JSON.stringify({
    run: RUN,
    signals: [{ signal: 'traces', sent: 100, acknowledged, refused_ranges: [], unknown_ranges: [], ...others }],
  })

async function sentFile(text: string): Promise<string> {
  folder = await testHost().files.temporaryFolder('failoverctl-test')
  await testHost().files.write(`${folder}/sent.json`, new TextEncoder().encode(text))
  return `${folder}/sent.json`
}

describe('planted faults are found to the span', () => {
  const cases: [what: string, faults: string[], found: object][] = [
    ['none', [], { verdict: 'complete', received: 100, duplicates: 0, missing: 0 }],
    [
      'spans dropped',
      ['drop=20-29+77'],
      {
        verdict: 'lost',
        missing: 11,
        missing_ranges: [
          [20, 29],
          [77, 77],
        ],
      },
    ],
    ['requests taken twice', ['duplicate'], { verdict: 'complete', duplicates: 100, duplicate_ranges: [[1, 100]] }],
    ['all forgotten', ['drop'], { verdict: 'lost', received: 0, missing: 100, missing_ranges: [[1, 100]] }],
    ['both', ['duplicate', 'drop=1-50'], { verdict: 'lost', missing: 50, duplicates: 50, duplicate_ranges: [[51, 100]] }],
  ]
  test.each(cases)('%s', async (_, faults, found) => {
    const { url, ended } = await start(
      '--json',
      '--until-quiet',
      '1s',
      '--expect-from',
      await sentFile(sent(100)),
      ...faults.flatMap(fault => ['--fault', fault]),
    )
    for (let from = 1; from <= 100; from += 10) await post(url, tracesOf(from, 10))
    expect(await ended).toBe((found as { verdict: string }).verdict === 'complete' ? 0 : 1)
    expect(summary().runs).toMatchObject([{ run: RUN, signal: 'traces', ...found }])
  })

  test('a share of the answers is a lie: what is missing is what was dropped, and none of it is said to be here', async () => {
    const { url, ended } = await start(
      '--json',
      '--until-quiet',
      '1s',
      '--seed',
      '7',
      '--fault',
      'drop=10%',
      '--expect-from',
      await sentFile(sent(100)),
    )
    for (let from = 1; from <= 100; from += 10) await post(url, tracesOf(from, 10))
    await ended
    const [run] = summary().runs
    expect(run?.missing).toBeGreaterThan(0)
    expect((run?.missing ?? 0) + (run?.received ?? 0)).toBe(100)
    expect(summary().signals.traces.items).toBe(run?.received)
  })

  test('what the sender was refused is not lost', async () => {
    const { url, ended } = await start(
      '--json',
      '--until-quiet',
      '1s',
      '--expect-from',
      await sentFile(sent(90, { refused_ranges: [[91, 100]] })),
    )
    await post(url, tracesOf(1, 90))
    expect(await ended).toBe(0)
    expect(summary().verdict).toBe('complete')
  })

  const untilQuiet = async (text: string) => start('--until-quiet', '1s', '--expect-from', await sentFile(text))

  test('more was refused than send lists: only so many are called lost as must be', async () => {
    const { url, ended } = await untilQuiet(sent(90))
    await post(url, tracesOf(1, 85))
    expect(await ended).toBe(1)
    expect(host.printed.out).toContain('missing       15: 86-100\n              10 of them may never have been acknowledged')
    expect(host.printed.out).toContain('LOST: at least 5 were acknowledged, and are not here\n')
  })

  test('ids that tell no numbers: nothing is called lost', async () => {
    const { url, ended } = await untilQuiet(JSON.stringify({ ...JSON.parse(sent(100)), ids: 'random' }))
    await post(url, tracesOf(1, 1))
    expect(await ended).toBe(1)
    expect(host.printed.out).toContain('missing       cannot be told\n')
    expect(host.printed.out).toContain('UNKNOWN: the items do not tell their numbers, as they were sent with --ids random')
  })
})

test('without a final read, what is not here is unknown and not lost', async () => {
  const { url, ended } = await start('--json', '--count', '50', '--expect-from', await sentFile(sent(100)))
  await post(url, tracesOf(1, 50))
  expect(await ended).toBe(1)
  expect(summary()).toMatchObject({ verdict: 'unknown', runs: [{ verdict: 'unknown', missing: 50 }] })
  expect(summary().reason).toContain('the sink was not quiet at its end')
})

test('a request that still waits for its answer may hold what is missing', async () => {
  const { url, ended } = await start('--json', '--duration', '4s', '--expect', '100', '--fault', 'hang@2s..')
  await post(url, tracesOf(1, 50))
  await sleep(2100)
  void post(url, tracesOf(51, 50))
  expect(await ended).toBe(1)
  expect(summary()).toMatchObject({ verdict: 'unknown', waiting_requests: 1 })
})

test.each([
  ['it is still sending everybody away', ['--fault', 'status=503@2s..', '--until-quiet', '3s']],
  ['somebody was sent away and may come back', ['--fault', 'status=503@2s..3s', '--duration', '5s']],
])('what is not here is unknown when %s', async (_, args) => {
  const { url, ended } = await start('--json', '--expect', '20', ...args)
  await post(url, tracesOf(1, 10))
  await sleep(2100)
  await post(url, tracesOf(11, 10))
  expect(await ended).toBe(1)
  expect(summary()).toMatchObject({ verdict: 'unknown', refused_requests: { 503: 1 } })
})

test('a file that cannot be written is told before anything comes', async () => {
  host = testHost()
  expect(await main(['sink', '--port', '0', '--no-grpc', '--out', '/dev/null/x.jsonl'], host)).toBe(3)
  expect(host.printed.err).toContain('/dev/null/x.jsonl: cannot be written')
})

test('Ctrl-C ends it with a summary for a person', async () => {
  const { url, ended } = await start()
  await post(url, tracesOf(1, 3))
  await post(url, tracesOf(6, 2))
  await sleep(1100)
  host.interrupt()
  expect(await ended).toBe(1)
  expect(host.printed.out).toMatch(/traces +5 spans in 2 requests/)
  expect(host.printed.out).toContain(`run ${RUN}, traces`)
  expect(host.printed.out).toMatch(/missing +2: 4-5/)
  expect(host.printed.out).toContain('MISSING: 2 are missing below the highest number')
})

test('--out has a line for each request, without what was dropped', async () => {
  folder = await testHost().files.temporaryFolder('failoverctl-test')
  const { url, ended } = await start('--json', '--count', '4', '--fault', 'drop=2', '--out', `${folder}/got.jsonl`)
  await post(url, new TextEncoder().encode('{}'))
  await post(url, tracesOf(1, 3))
  await post(url, tracesOf(2, 1))
  await post(url, tracesOf(4, 2))
  await ended
  const lines = new TextDecoder()
    .decode(await host.files.read(`${folder}/got.jsonl`))
    .trimEnd()
    .split('\n')
  const ids = lines.map(line =>
    JSON.parse(line).resourceSpans[0].scopeSpans[0].spans.map((span: { spanId: string }) => Number.parseInt(span.spanId, 16)),
  )
  expect(ids).toEqual([
    [1, 3],
    [4, 5],
  ])
})

test.each([[[]], [['--no-parse']]])('--out %j has no line for an empty request, as no file exporter has', async flags => {
  folder = await testHost().files.temporaryFolder('failoverctl-test')
  const { url, ended } = await start('--json', '--until-quiet', '500ms', '--out', `${folder}/got.jsonl`, ...flags)
  await post(url, new TextEncoder().encode('{}'))
  await post(url, tracesOf(1, 3))
  await ended
  const text = new TextDecoder().decode(await host.files.read(`${folder}/got.jsonl`))
  expect(text).toMatch(/^\{"resourceSpans".*\n$/)
})

test('what cannot be read at the end costs the verdict, not the counts', async () => {
  const { url, ended } = await start('--json', '--until-quiet', '1s', '--expect-from', '/nowhere/sent.json')
  await post(url, tracesOf(1, 3))
  expect(await ended).toBe(3)
  expect(summary().runs).toMatchObject([{ received: 3 }])
  expect(host.printed.err).toContain('/nowhere/sent.json: no such file')
})

test('TLS: a client with the certificate that is asked for is counted, and one without is not', async () => {
  const pem = (name: string) => fileURLToPath(new URL(`../tls/${name}.pem`, import.meta.url))
  const key = (name: string) => pem(name).replace('.pem', '.key')
  const secured = ['--tls-cert', pem('server'), '--tls-key', key('server'), '--client-ca', pem('ca')]
  const { url, ended } = await start('--json', '--count', '2', ...secured)
  const text = async (path: string) => new TextDecoder().decode(await host.files.read(path))
  const tls = { ca: await text(pem('ca')), verify: true, serverName: 'localhost' }
  const mine = { ...tls, cert: await text(pem('client')), key: await text(key('client')) }
  const send = (with_: typeof tls) =>
    host.network.request({
      method: 'POST',
      url: `${url}/v1/traces`,
      headers: { 'content-type': 'application/json' },
      body: tracesOf(1, 2),
      timeoutMs: 5000,
      tls: with_,
    })
  expect((await send(tls)).kind).not.toBe('answer')
  expect(await send(mine)).toMatchObject({ kind: 'answer', status: 200 })
  await ended
  expect(summary().signals.traces).toMatchObject({ requests: 1, items: 2 })
})

describe('wrong use is told before anything listens', () => {
  test.each([
    [['--no-http', '--no-grpc'], 'leave nothing to listen on'],
    [['--tls-cert', 'x.pem'], '--tls-cert and --tls-key go together'],
    [['--client-ca', 'x.pem'], '--client-ca needs TLS'],
    [['--no-parse', '--count', '3'], '--no-parse counts no items'],
    [['--fault', 'sleepy'], 'there is no fault sleepy'],
    [['--flap', '5s'], 'a fault cannot last 5s'],
    [['--port', '70000'], 'Expected a port from 0 to 65535'],
    [['--grpc-port', '65536'], 'Expected a port from 0 to 65535'],
  ])('%j', async (args, said) => {
    host = testHost()
    expect(await main(['sink', '--port', '0', '--grpc-port', '0', '--duration', '1s', ...args], host)).toBe(2)
    expect(host.printed.err).toContain(said)
  })
})

test('a port that is taken is told with another way', async () => {
  const { url, ended } = await start('--duration', '500ms')
  const other = testHost()
  expect(await main(['sink', '--port', new URL(url).port, '--no-grpc'], other)).toBe(4)
  expect(other.printed.err).toContain('--port and --grpc-port')
  await ended
})
