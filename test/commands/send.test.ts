import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import type { VirtualClock } from '../../src/core/clock.ts'
import { GRPC } from '../../src/core/grpc.ts'
import type { GrpcReply, GrpcRequest, HttpReply, HttpRequest } from '../../src/core/host.ts'
import { readItems } from '../../src/otlp/encodings.ts'
import { Items } from '../../src/otlp/items.ts'
import { encodingOf, type Signal, signalOfPath } from '../../src/otlp/signal.ts'
import { transcode } from '../../src/otlp/transcode.ts'
import { type FakeHost, type FakeWorld, fakeHost } from '../fake-host.ts'

const ok: HttpReply = { kind: 'answer', status: 200, headers: {}, body: new TextEncoder().encode('{}') }
const status = (code: number): HttpReply => ({ ...ok, status: code })
const nobody: HttpReply = { kind: 'not-sent', reason: 'connection refused' }

interface Run {
  readonly exit: number
  readonly out: string
  readonly err: string
  readonly requests: HttpRequest[]
  readonly host: FakeHost
}

/** Runs the tool, on virtual time, until it ends; `answer` is asked for every request but the empty one that comes first. */
async function send(
  args: readonly string[],
  answer: (request: HttpRequest, host: FakeHost) => HttpReply | Promise<HttpReply> = () => ok,
  world: FakeWorld = {},
  during?: (host: FakeHost) => void,
): Promise<Run> {
  const requests: HttpRequest[] = []
  const request = async (sent: HttpRequest) => {
    if ((sent.body?.length ?? 0) > 2) requests.push({ ...sent, body: (sent.body as Uint8Array).slice() })
    return answer(sent, host)
  }
  const host: FakeHost = fakeHost({ ...world, network: { request, ...world.network } })
  let exit: number | undefined
  const done = main(['send', ...args], host).then(code => {
    exit = code
  })
  const until = performance.now() + 10_000
  while (exit === undefined && performance.now() < until) {
    await new Promise(resolve => setImmediate(resolve))
    await host.clock.advance(100)
    during?.(host)
  }
  await done
  expect((host.clock as VirtualClock).pending).toBe(0)
  return { exit: exit as number, out: host.out, err: host.err, requests, host }
}

const itemsOf = ({ url, headers, body }: HttpRequest) => {
  const payload = {
    signal: signalOfPath(new URL(url).pathname) as Signal,
    encoding: encodingOf(headers?.['content-type']) ?? 'json',
    body: body as Uint8Array,
  }
  return readItems(payload, new Items()).length
}
const A = ['--endpoint', 'http://a:4318']

describe('what is sent', () => {
  test('spans at the rate wanted, for 10 s, when nothing else is said', async () => {
    const { exit, out, requests } = await send([...A, '--json'])
    expect(exit).toBe(0)
    expect(requests).toHaveLength(100)
    expect(JSON.parse(out)).toMatchObject({
      protocol: 'http/protobuf',
      sent: 100,
      acknowledged: 100,
      refused: 0,
      unknown: 0,
      rejected: 0,
      not_sent: 0,
      reasons: {},
      requests: 100,
      signals: [
        {
          signal: 'traces',
          endpoints: [{ url: 'http://a:4318/v1/traces', acknowledged: 100 }],
          sent: 100,
          acknowledged: 100,
          refused_ranges: [],
          unknown_ranges: [],
        },
      ],
    })
  })

  test.each([
    ['0', 1000],
    ['10', 1],
    ['100', 1],
    ['101', 2],
    ['50000', 500],
    ['1000000', 1000],
  ])('at a rate of %s, requests of %i', async (rate, items) => {
    const { requests } = await send([...A, '--rate', rate, '--count', '2000', '--duration', '1s'])
    expect(itemsOf(requests[0] as HttpRequest)).toBe(items)
  })

  test('the signals wanted, each to its path, in the encoding of the protocol', async () => {
    const { requests, out } = await send([
      ...A,
      '--signal',
      'logs,metrics',
      '--protocol',
      'http/json',
      '--count',
      '4',
      '--header',
      'x-a=b',
    ])
    expect(requests.map(({ url }) => url)).toEqual(
      ['logs', 'metrics', 'logs', 'metrics'].map(signal => `http://a:4318/v1/${signal}`),
    )
    expect(requests.map(itemsOf)).toEqual([1, 1, 1, 1])
    expect(requests[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'x-a': 'b' })
    expect(out).toMatch(
      /^sent {10}2 log records to http:\/\/a:4318\/v1\/logs\n {14}2 data points to http:\/\/a:4318\/v1\/metrics\n/,
    )
  })

  test('gRPC', async () => {
    const calls: GrpcRequest[] = []
    const call = async (request: GrpcRequest): Promise<GrpcReply> => {
      calls.push(request)
      return { kind: 'answer', code: GRPC.OK, message: '', retryDelayMs: undefined, body: new Uint8Array() }
    }
    const { exit } = await send(['--protocol', 'grpc', '--count', '3', '--compression', 'gzip'], undefined, { network: { call } })
    expect(exit).toBe(0)
    expect(calls.map(({ url, path, compression }) => `${url} ${path} ${compression}`)).toEqual(
      new Array(4).fill('http://localhost:4317 /opentelemetry.proto.collector.trace.v1.TraceService/Export gzip'),
    )
  })

  test('a template, in whole copies', async () => {
    const template = { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }, { name: 'b' }] }] }] }
    const world = { files: { 't.json': JSON.stringify(template) } }
    const { requests, exit } = await send([...A, '--template', 't.json', '--count', '6'], undefined, world)
    expect(exit).toBe(0)
    expect(requests.map(itemsOf)).toEqual([2, 2, 2])
  })

  test('a file, once', async () => {
    const line = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{}, {}] }] }] })
    const { requests, out } = await send([...A, '--from', 'f.jsonl', '--protocol', 'http/json'], undefined, {
      files: { 'f.jsonl': `${line}\n${line}\n` },
    })
    expect(requests.map(({ body }) => new TextDecoder().decode(body))).toEqual([line, line])
    expect(out).toContain('4 log records')
  })
})

describe('what became of it', () => {
  test('refused, unknown and partly rejected: exit 1, with numbers and reasons', async () => {
    const replies = [
      ok,
      status(400),
      { kind: 'no-answer', reason: 'no answer in time', timedOut: true } as const,
      { ...ok, body: new TextEncoder().encode('{"partialSuccess":{"rejectedSpans":"1"}}') },
    ]
    let turn = 0
    const args = [...A, '--protocol', 'http/json', '--rate', '100', '--count', '8', '--spans-per-request', '2']
    const answer = (request: HttpRequest) => (request.body?.length === 2 ? ok : (replies[turn++] as HttpReply))
    const { exit, out } = await send([...args, '--json'], answer)
    expect(exit).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      acknowledged: 2,
      refused: 2,
      unknown: 4,
      rejected: 1,
      signals: [{ refused_ranges: [[3, 4]], unknown_ranges: [[5, 8]] }],
    })
    turn = 0
    const text = (await send(args, answer)).out
    expect(text).toMatch(/refused {7}2\nunknown {7}4 \(they may have arrived\)\nrejected {6}1 in partial successes/)
    expect(text).toMatch(/2 × HTTP status 400.*\n.*2 × no answer in time/)
  })

  test('an endpoint that is too slow for the rate: what was due and not sent is told, exit 1', async () => {
    const slow = (request: HttpRequest, { clock }: FakeHost) =>
      (request.body?.length ?? 0) > 2 ? new Promise<HttpReply>(resolve => clock.timer(500, () => resolve(ok))) : ok
    const { exit, out } = await send([...A, '--connections', '1', '--duration', '1s'], slow)
    expect(exit).toBe(1)
    expect(out).toMatch(/not sent {6}\d that were due/)
  })

  test('Ctrl-C: the summary, and exit 130', async () => {
    const { exit, out } = await send(A, undefined, {}, host => host.clock.now() >= 2000 && host.interrupt())
    expect(exit).toBe(130)
    expect(out).toMatch(/^sent {10}\d+ spans/)
  })

  test('failover to the second endpoint, and the first need not be there', async () => {
    const { exit, out, requests } = await send([...A, '--endpoint', 'http://b:4318', '--count', '3', '--json'], ({ url }) =>
      url.includes('//a') ? nobody : ok,
    )
    expect(exit).toBe(0)
    expect(requests.map(({ url }) => new URL(url).hostname).join('')).toBe('abbb')
    expect(JSON.parse(out).signals[0].endpoints.map(({ acknowledged }: { acknowledged: number }) => acknowledged)).toEqual([0, 3])
  })
})

describe('--once', () => {
  test('prints what was sent, and the answer', async () => {
    const { exit, out, requests } = await send([...A, '--once'])
    expect(exit).toBe(0)
    expect(requests).toHaveLength(1)
    expect(out).toMatch(
      /^traces by http\/protobuf to http:\/\/a:4318\/v1\/traces \(\d+ bytes\)\n\{\n {2}"resourceSpans"[\s\S]*"name": "failoverctl"[\s\S]*\naccepted in 0ms\n$/,
    )
  })

  test('a refusal: exit 1, with its reason', async () => {
    const { exit, out } = await send([...A, '--once', '--json'], () => status(400))
    expect(exit).toBe(1)
    expect(JSON.parse(out)).toMatchObject([{ signal: 'traces', answer: 'refused', reason: expect.stringContaining('400') }])
  })
})

describe('random ids', () => {
  test('have a table', async () => {
    const { host, requests } = await send([
      ...A,
      '--protocol',
      'http/json',
      '--ids',
      'random',
      '--id-table',
      'ids.csv',
      '--count',
      '4',
      '--depth',
      '2',
      '--signal',
      'traces,metrics',
    ])
    const lines = new TextDecoder().decode(host.contents.get('ids.csv')).trim().split('\n')
    expect(lines[0]).toBe('signal,sequence,trace_id,span_id')
    const spans = requests
      .filter(({ url }) => url.endsWith('traces'))
      .map(({ body }) => JSON.parse(new TextDecoder().decode(body)).resourceSpans[0].scopeSpans[0].spans[0])
    expect(lines.slice(1)).toEqual(spans.map(({ traceId, spanId }, index) => `traces,${index + 1},${traceId},${spanId}`))
    expect(spans[0].traceId).toBe(spans[1].traceId)
  })
})

test('all spans of a trace go to one endpoint by consistent-hash, and to the own region by geographic', async () => {
  const [one, two] = ['http://a:4318', 'http://b:4318']
  const hashed = await send([
    '--endpoint',
    one,
    '--endpoint',
    two,
    '--strategy',
    'consistent-hash',
    '--depth',
    '3',
    '--count',
    '60',
  ])
  const traces = new Map<string, Set<string>>()
  for (const { url, body } of hashed.requests) {
    const { traceId } = JSON.parse(
      new TextDecoder().decode(transcode({ signal: 'traces', encoding: 'protobuf', body: body! }, 'json').body),
    ).resourceSpans[0].scopeSpans[0].spans[0]
    traces.set(traceId, (traces.get(traceId) ?? new Set()).add(new URL(url).host))
  }
  expect(traces.size).toBe(20)
  expect([...traces.values()].filter(hosts => hosts.size > 1)).toEqual([])
  expect(new Set([...traces.values()].flatMap(hosts => [...hosts])).size).toBe(2)
  const near = [
    '--endpoint',
    `${one};region=us`,
    '--endpoint',
    `${two};region=eu`,
    '--strategy',
    'geographic',
    '--region',
    'eu,us',
  ]
  const { requests } = await send([...near, '--count', '5'])
  expect(new Set(requests.map(({ url }) => new URL(url).host))).toEqual(new Set(['b:4318']))
})

describe('wrong use', () => {
  const cases: [what: string, args: string[], exit: number, err: RegExp, answer?: () => HttpReply][] = [
    ['nobody there', A, 4, /http:\/\/a:4318\/v1\/traces: connection refused\n/, () => nobody],
    ['a wrong path', A, 4, /http:\/\/a:4318\/v1\/traces: HTTP status 404[\s\S]*--endpoint/, () => status(404)],
    ['nobody there for one', [...A, '--once'], 4, /connection refused/, () => nobody],
    ['an unknown signal', ['--signal', 'profiles'], 2, /Expected some of traces, metrics, logs/],
    ['an unknown metric', ['--metric', 'gauge,counter'], 2, /Expected some of gauge, sum, histogram/],
    ['a share that is none', ['--errors', '120%'], 2, /Expected a share such as 0.05 or 5%/],
    ['an attribute that is none', ['--attribute', 'x'], 2, /Expected key=value/],
    ['two contents', ['--template', 'a', '--from', 'b'], 2, /--template and --from both say what to send/],
    ['a region that nobody asks for', ['--region', 'eu'], 2, /--region is for --strategy geographic/],
    ['no region to be near to', ['--strategy', 'geographic', ...A], 2, /--strategy geographic needs --region/],
    ['ids of a file to hash by', ['--strategy', 'consistent-hash', '--from', 'x', ...A], 2, /goes by ids that this sender makes/],
    ['a loop of nothing', ['--loop'], 2, /--loop needs --from/],
    ['a table of ids that need none', ['--id-table', 'x'], 2, /--id-table needs --ids random/],
    [
      'a signal that is not in the file',
      ['--from', 'f.jsonl', '--signal', 'metrics'],
      2,
      /f\.jsonl has no metrics in it\nIt has logs/,
    ],
    ['a template that is not there', ['--template', 'none.json'], 3, /none\.json: no such file/],
    ['an address without scheme', ['--endpoint', 'a:4318'], 2, /--endpoint: a:4318 is not an http or https address/],
  ]
  test.each(cases)('%s', async (_, args, exit, err, answer) => {
    const run = await send(args, answer, { files: { 'f.jsonl': '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}' } })
    expect([run.exit, run.out]).toEqual([exit, ''])
    expect(run.err).toMatch(err)
  })

  test('no secret in any of it', async () => {
    for (const reply of [nobody, status(401), status(404)]) {
      const { out, err } = await send(
        ['--endpoint', 'http://me:hunter2@a:4318/?token=hunter4', '--header', 'authorization=Bearer hunter3', '--count', '1'],
        () => reply,
      )
      expect(out + err).not.toMatch(/hunter/)
    }
  })
})
