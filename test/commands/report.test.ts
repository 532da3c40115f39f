import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outcome as isOutcome } from '#schemas'
import { main } from '../../src/cli/main.ts'
import { transcode } from '../../src/otlp/transcode.ts'
import { testHost } from '../real-host.ts'

const folder = mkdtempSync(join(tmpdir(), 'failoverctl-report-'))
const journals = join(folder, 'journals')
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string) => join(folder, name)

async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const host = testHost(env)
  const exit = await main(argv, host)
  await host.network.close()
  return { exit, ...host.printed }
}

const CHAOS = ['chaos', '--stop', 'primary', '--config', 'fixtures/poc/main.yaml', '--steady', '300ms', '--hold', '300ms']
const FAST = ['--config', 'yaml:connectors::failover/traces::retry_interval: 1500ms', '--quiet']

/** Everything that was posted to it. */
async function collector() {
  const host = testHost()
  const posts: { path: string; headers: Readonly<Record<string, string | undefined>>; body: Uint8Array }[] = []
  const listener = await host.network.listen({ host: '127.0.0.1', port: 0 }, ({ path, headers, body }) => {
    posts.push({ path, headers, body })
    return { status: 200, headers: { 'content-type': 'application/x-protobuf' }, body: new Uint8Array() }
  })
  return { posts, url: `http://127.0.0.1:${listener.port}`, close: () => listener.close() }
}

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const FIRST = join(journals, 'a.jsonl')
let told: Awaited<ReturnType<typeof run>>
let trace: { path: string; headers: Readonly<Record<string, string | undefined>>; body: Uint8Array }[]

beforeAll(async () => {
  const { posts, url, close } = await collector()
  told = await run([...CHAOS, ...FAST, '--journal', FIRST, '--otlp', url], {
    TRACEPARENT: `00-${TRACE}-${PARENT}-01`,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=blue',
  })
  trace = posts
  await close()
}, 60_000)

describe('the trace of a run', () => {
  test('arrives as it was made, below the span that started the tool, with the headers of the environment', () => {
    expect(told).toMatchObject({ exit: 0, err: '' })
    expect(trace.map(({ path, headers }) => [path, headers['x-tenant'], headers['content-type']])).toEqual([
      ['/v1/traces', 'blue', 'application/x-protobuf'],
    ])
    const payload = { signal: 'traces', encoding: 'protobuf', body: trace[0]?.body ?? new Uint8Array() } as const
    const { resourceSpans } = JSON.parse(new TextDecoder().decode(transcode(payload, 'json').body))
    const spans: { name: string; traceId: string; parentSpanId?: string; spanId: string; status?: { code?: number } }[] =
      resourceSpans[0].scopeSpans[0].spans
    expect(spans.map(({ name }) => name)).toEqual([
      'chaos stop primary',
      'steady state',
      'stop primary',
      'to level 1',
      'to level 0',
      'drain',
    ])
    expect(spans[0]).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, status: { code: 1 } })
    expect(spans.slice(1).every(({ parentSpanId }) => parentSpanId === spans[0]?.spanId)).toBe(true)
  })

  test('that nobody takes is said, and changes nothing', async () => {
    const { exit, err } = await run(['report', FIRST, '--otlp', 'http://me:abc123@127.0.0.1:1'])
    expect(exit).toBe(0)
    expect(err).toMatch(/^the trace of the run was not taken by http:\/\/127.0.0.1:1\/v1\/traces: /)
    expect(err).not.toContain('abc123')
  })

  test('an address that is none is said, too', async () =>
    expect((await run(['report', FIRST, '--otlp', 'nonsense'])).err).toMatch(/^the trace of the run was not sent: .*nonsense/))
})

describe('one run', () => {
  test('is told again as it was', async () => expect(await run(['report', FIRST])).toEqual({ exit: 0, out: told.out, err: '' }))

  test('as data, with the outcome that the schema describes', async () => {
    const { out } = await run(['report', FIRST, '--json'])
    const { runs, trend } = JSON.parse(out)
    expect(isOutcome(runs[0].outcome)).toBe(true)
    expect(runs[0]).toMatchObject({ file: FIRST, unfinished: null, outcome: { verdict: 'held' } })
    expect(trend.count).toEqual({ held: 1, deviated: 0, unknown: 0, unfinished: 0 })
    const { counted, acknowledged, sent } = runs[0].outcome.ledger
    expect(counted.phases.map(({ phase }: { phase: string }) => phase)).toEqual(['steady', 'fault', 'after'])
    expect(counted.phases.reduce((sum: number, phase: { sent: number }) => sum + phase.sent, 0)).toBe(sent)
    expect(counted).toMatchObject({ phantoms: 0, unread: [], margin: null, delivery: { noticed_within_s: 0 } })
    expect(acknowledged).toBeGreaterThan(0)
  })

  test('as JUnit, Markdown and a page', async () => {
    const paths = ['x.xml', 'x.md', 'x.html'].map(file) as [string, string, string]
    const { err } = await run(['report', FIRST, '--junit', paths[0], '--markdown', paths[1], '--html', paths[2]])
    expect(err.match(/^wrote /gm)).toHaveLength(3)
    const [xml, markdown, page] = paths.map(path => readFileSync(path, 'utf8')) as [string, string, string]
    expect(xml).toMatch(/<testsuites name="failoverctl chaos" tests="6" failures="0" errors="0"/)
    expect(xml).toContain('<testcase name="everything counted"')
    expect(markdown).toContain('## Failover ✅ held')
    expect(markdown).toMatch(/during fault/)
    expect(page).toContain('Spans per second that arrived')
  })
})

describe('several runs', () => {
  const killed = join(journals, 'b.jsonl')
  beforeAll(() => {
    const lines = readFileSync(FIRST, 'utf8').split('\n')
    const upTo = lines.findIndex(line => line.includes('"kind":"fault"'))
    writeFileSync(killed, `${lines.slice(0, upTo + 1).join('\n')}\n{"kind":"lev`)
  })

  test('a folder of them is a trend', async () => {
    expect(readdirSync(journals)).toEqual(['a.jsonl', 'b.jsonl'])
    const { exit, out } = await run(['report', journals])
    expect(exit).toBe(0)
    expect(out).toMatch(/^2 runs: 1 held, 1 unfinished\n/)
    expect(out).toMatch(/unfinished: the journal is cut off; it came to [\d.]+ s: stop primary\n/)
  })

  test('a run that was killed tells how far it came, and is an error in JUnit', async () => {
    const xml = file('killed.xml')
    const { exit, out } = await run(['report', killed, '--junit', xml])
    expect(exit).toBe(0)
    expect(out).toMatch(/^CUT OFF {2}at [\d.]+ s, without a word/m)
    expect(out).toContain('Not taken back as far as the journal says: stop primary\nNext: failoverctl chaos recover\n')
    expect(readFileSync(xml, 'utf8')).toMatch(/errors="1"[\s\S]*<error type="unfinished"[^>]*>it came to: /)
  })

  test('as a page and for a pull request', async () => {
    const [page, markdown] = [file('trend.html'), file('trend.md')]
    await run(['report', FIRST, killed, '--html', page, '--markdown', markdown])
    expect(readFileSync(page, 'utf8')).toMatch(/2 runs[\s\S]*From run to run[\s\S]*<details class="run"/)
    expect(readFileSync(markdown, 'utf8')).toMatch(/## Failover over 2 runs: 1 held, 1 unfinished[\s\S]*⚠️ unfinished/)
  })
})

test.each<[what: string, argv: string[], exit: number, message: RegExp]>([
  ['a file that is not there', [file('none.jsonl')], 3, /none.jsonl/],
  ['a file that is no journal', ['fixtures/poc/main.yaml'], 3, /fixtures\/poc\/main.yaml:1: no line of a journal\n/],
  ['a folder without journals', ['fixtures/poc'], 3, /fixtures\/poc: no journal in there\n/],
  ['a page that cannot be written', [FIRST, '--html', file('no/such/folder.html')], 3, /cannot be written/],
])('%s', async (_, argv, exit, message) => {
  const result = await run(['report', ...argv])
  expect(result).toMatchObject({ exit, out: '' })
  expect(result.err).toMatch(message)
})

test('a journal that was asked for and cannot be written ends the run before it begins', async () => {
  const { exit, err } = await run([...CHAOS, ...FAST, '--journal', 'fixtures/poc/main.yaml/x.jsonl'])
  expect({ exit, err }).toMatchObject({ exit: 3, err: expect.stringMatching(/main.yaml\/x.jsonl/) })
})
