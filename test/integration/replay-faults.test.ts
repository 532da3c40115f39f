import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { GRPC } from '../../src/core/grpc.ts'
import { readItems } from '../../src/otlp/encodings.ts'
import { Items } from '../../src/otlp/items.ts'
import type { Summary } from '../../src/replay/seams.ts'
import type { Answer, Arrival } from '../../src/sink/arrival.ts'
import { FAULTS } from '../../src/sink/faults/index.ts'
import { type Fault, parseFault } from '../../src/sink/parse-fault.ts'
import { ALWAYS } from '../../src/sink/schedule.ts'
import { Sink } from '../../src/sink/sink.ts'
import { summarize } from '../../src/sink/summary.ts'
import { testHost } from '../real-host.ts'

const FREE = { host: '127.0.0.1', port: 0 }
const PROTOCOLS = ['http/json', 'http/protobuf', 'grpc'] as const
type Protocol = (typeof PROTOCOLS)[number]

const [LINES, SPANS, LINES_PER_REQUEST] = [200, 5, 5]
const TOTAL = LINES * SPANS
/** A line of twenty times as many spans, which comes last. */
const LARGE = 100

const root = mkdtempSync(join(tmpdir(), 'failoverctl-faults-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const RUN = '00000000000000fa'
const hex16 = (number: number) => number.toString(16).padStart(16, '0')

/** Spans whose ids tell their numbers, so that the sink counts each. */
function lineOf(first: number, count = SPANS): string {
  const span = (number: number) => ({ traceId: RUN + hex16(number), spanId: hex16(number), name: 'GET /', endTimeUnixNano: '1' })
  const spans = Array.from({ length: count }, (_, index) => span(first + index))
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
}

const good = Array.from({ length: LINES }, (_, index) => lineOf(1 + index * SPANS))
/** Well at both ends, and no request: only who reads it all can tell. */
const guilty = (line: string) => line.replace('"name":"GET /"', '"name"::"GET /"')

interface Case {
  readonly name: string
  readonly fault?: string | Fault
  readonly lines?: readonly string[]
  readonly only?: readonly Protocol[]
  readonly flags?: readonly string[]
  /** Of the first run. */
  readonly exit: number
  /** Items that the sink forgets after it has said yes. */
  readonly dropped?: number
  /** Items that never become welcome. */
  readonly guilty?: number
  /** `all`: each span twice, without the sender's knowing. `none`: not one. `bounded`: no more than the summary allows for. */
  readonly twice?: 'none' | 'all' | 'bounded'
  readonly holds?: (summary: Summary) => void
}

/** A fault that looks at the request. */
const faultOf = (text: string, answer: (arrival: Arrival) => Answer | undefined): Fault => ({
  text,
  kind: 'status',
  behaviour: { wrap: next => async arrival => answer(arrival) ?? next(arrival) },
  chance: 1,
  when: ALWAYS,
})

/** Five lines are over it, and three of them are not. */
const MOST_BYTES: Readonly<Record<Protocol, number>> = { 'http/json': 2500, 'http/protobuf': 850, grpc: 850 }
const tooLarge = (protocol: Protocol) =>
  faultOf('413 over a size', ({ body }) =>
    body.length > MOST_BYTES[protocol] ? { status: 413, code: GRPC.RESOURCE_EXHAUSTED, message: 'too large' } : undefined,
  )

const retried = (summary: Summary) => expect(summary.retries).toBeGreaterThan(0)
const inDoubt = (summary: Summary) => expect(summary.possibleDuplicates).toBeGreaterThan(0)
const rejectsSome = ({ rejected }: Summary) => expect(rejected.items).toBeGreaterThan(0)

const CASES: readonly Case[] = [
  { name: 'no fault', exit: 0 },
  { name: 'nobody listens for a while', fault: 'refuse@20ms..700ms', exit: 0, twice: 'bounded', flags: ['--rate', '400req/s'] },
  {
    name: 'no answer for a while',
    fault: 'hang@0s..2s',
    exit: 0,
    twice: 'bounded',
    flags: ['--timeout', '200ms'],
    holds: inDoubt,
  },
  { name: 'slow', fault: 'slow=20ms', exit: 0, flags: ['--no-adaptive'] },
  { name: 'a thin line', fault: 'slow,bandwidth=2MB', exit: 0, flags: ['--no-adaptive'] },
  { name: 'reset before', fault: 'reset:20%', exit: 0, twice: 'none', holds: inDoubt },
  { name: 'reset after', fault: 'reset=after:20%', exit: 0, twice: 'bounded', holds: inDoubt },
  { name: 'overload', fault: 'status=429:20%', exit: 0, only: ['http/json', 'http/protobuf'], holds: retried },
  { name: 'overload with a time', fault: 'status=429,retry-after=100ms:10%', exit: 0, holds: retried },
  { name: 'not available', fault: 'status=503:20%', exit: 0, holds: retried },
  { name: 'not available for a while', fault: 'status=503,retry-after=50ms@0s..2s', exit: 0, holds: retried },
  // A gateway may have passed the request on.
  { name: 'a bad gateway', fault: 'status=502:10%', exit: 0, holds: retried },
  { name: 'a gateway that waited in vain', fault: 'status=504:10%', exit: 0, holds: retried },
  ...['UNAVAILABLE', 'ABORTED', 'DATA_LOSS', 'CANCELLED', 'OUT_OF_RANGE', 'DEADLINE_EXCEEDED'].map(
    (code): Case => ({ name: code, fault: `status=${code}:15%`, exit: 0, only: ['grpc'], holds: retried }),
  ),
  { name: 'RESOURCE_EXHAUSTED, which has no time', fault: 'status=RESOURCE_EXHAUSTED:50%', exit: 1, only: ['grpc'] },
  ...['INTERNAL', 'INVALID_ARGUMENT', 'UNKNOWN'].map(
    (code): Case => ({ name: code, fault: `status=${code}:50%`, exit: 1, only: ['grpc'] }),
  ),
  { name: 'a bad request now and then', fault: 'status=400:50%', exit: 1 },
  { name: 'an error that is not to be tried again', fault: 'status=500:50%', exit: 1, only: ['http/json', 'http/protobuf'] },
  { name: 'every request refused', fault: 'status=400', exit: 5 },
  { name: 'a token that is not taken any more', fault: 'status=401', exit: 5 },
  { name: 'a part rejected by number', fault: 'partial=3', exit: 1, holds: rejectsSome },
  { name: 'a part rejected by share', fault: 'partial=10%', exit: 1, holds: rejectsSome },
  { name: 'what was taken is forgotten', fault: 'drop=100-199+700', exit: 0, dropped: 101 },
  { name: 'each request arrives twice', fault: 'duplicate', exit: 0, twice: 'all' },
  {
    name: 'guilty lines',
    lines: good.map((line, index) => (index % 50 === 7 ? guilty(line) : line)),
    exit: 1,
    guilty: (LINES / 50) * SPANS,
    holds: ({ deadLettered }) => expect(deadLettered).toEqual({ lines: LINES / 50, items: (LINES / 50) * SPANS }),
  },
]

const caseOf = (protocol: Protocol): Case[] => [
  ...CASES.filter(({ only }) => !only || only.includes(protocol)),
  {
    name: 'a limit to the size',
    fault: tooLarge(protocol),
    lines: [...good, lineOf(TOTAL + 1, LARGE)],
    exit: 1,
    guilty: LARGE,
    holds: ({ deadLettered }) => expect(deadLettered).toEqual({ lines: 1, items: LARGE }),
  },
]

class Trial {
  readonly folder: string
  readonly #host = testHost()
  readonly sink: Sink
  readonly #protocol: Protocol
  readonly #lines: readonly string[]
  /** Of all runs. */
  rejected = 0
  possibleDuplicates = 0

  constructor(name: string, protocol: Protocol, lines: readonly string[], begin: () => void) {
    this.folder = join(root, `${name} ${protocol}`.replaceAll('/', ' '))
    this.#protocol = protocol
    this.#lines = lines
    mkdirSync(this.folder)
    writeFileSync(join(this.folder, 'traces.jsonl'), lines.map(line => `${line}\n`).join(''))
    this.sink = new Sink({ [this.#door]: FREE, onTaken: begin, seed: 7 }, this.#host)
  }

  get #door(): 'grpc' | 'http' {
    return this.#protocol === 'grpc' ? 'grpc' : 'http'
  }

  get #items(): number {
    return this.#lines.reduce((sum, line) => sum + line.split('"spanId"').length - 1, 0)
  }

  async run(...flags: string[]): Promise<{ exit: number; summary: Summary }> {
    const host = testHost()
    const endpoint = `http://127.0.0.1:${this.sink.address(this.#door)?.port}`
    const common = ['--endpoint', endpoint, '--protocol', this.#protocol, '--quiet-for', '0s', '--json', '--quiet']
    const limits = ['--request-items', String(SPANS * LINES_PER_REQUEST), '--concurrency', '4']
    const exit = await main(['replay', this.folder, ...common, ...limits, ...flags], host)
    await host.network.close()
    await host.threads.close()
    if (host.printed.out === '') throw new Error(`exit ${exit}: ${host.printed.err}`)
    const summary: Summary = JSON.parse(host.printed.out)
    for (const unit of ['items', 'lines'] as const) {
      const { read, acknowledged, rejected, deadLettered, skipped, left } = summary
      expect(acknowledged[unit] + rejected[unit] + deadLettered[unit] + skipped[unit] + left[unit]).toBe(read[unit])
    }
    this.rejected += summary.rejected.items
    this.possibleDuplicates += summary.possibleDuplicates
    return { exit, summary }
  }

  /** What the sink says of the spans that it was to get. */
  get books(): { readonly received: number; readonly missing: number; readonly duplicates: number } {
    const rest = { listening: { http: null, grpc: null }, startedAt: 0, now: 0, isQuiet: true, counts: true, sent: [] }
    const [report] = summarize(this.sink.ledger, { ...rest, expected: this.#items }).runs
    if (!report) throw new Error('the sink has seen no run')
    return report
  }

  async close(): Promise<void> {
    await this.sink.close()
    await this.#host.network.close()
  }
}

describe.each(PROTOCOLS)('over %s', protocol => {
  test.each(caseOf(protocol))(
    '$name',
    async ({ name, fault, lines = good, flags = [], exit, dropped = 0, guilty: bad = 0, twice = 'none', holds }) => {
      const faults = fault === undefined ? [] : [typeof fault === 'string' ? parseFault(fault) : fault]
      // From the first request on, which asks whether somebody is there.
      let begin = async () => {
        begin = async () => {}
        await trial.sink.become(faults)
      }
      const trial = new Trial(name, protocol, lines, () => void begin())
      await trial.sink.open()
      try {
        const first = await trial.run(...flags)
        expect([first.exit, first.summary.stopped !== undefined]).toEqual([exit, exit === 5])
        holds?.(first.summary)
        const { books } = trial
        expect(books.received).toBe(first.summary.acknowledged.items - dropped)
        if (twice === 'none') expect(books.duplicates).toBe(0)
        else if (twice === 'all') expect(books.duplicates).toBe(first.summary.acknowledged.items)
        else expect(books.duplicates).toBeLessThanOrEqual(first.summary.possibleDuplicates)
        // Well again: what was left and what was refused arrives, and nothing a second time.
        if (typeof fault === 'string') await trial.sink.become([])
        if (exit === 5) await trial.run()
        if (first.summary.deadLettered.lines > 0) await trial.run('--from-dead-letter')
        const { missing, duplicates } = trial.books
        expect(missing).toBe(trial.rejected + dropped + bad)
        expect(duplicates).toBe(books.duplicates)
      } finally {
        await trial.close()
      }
    },
    30_000,
  )

  test('all in turn, in one run', async () => {
    const lines = Array.from({ length: 15_000 }, (_, index) => lineOf(1 + index * SPANS))
    const trial = new Trial('all', protocol, lines, () => {})
    await trial.sink.open()
    try {
      let over = false
      const running = trial.run('--timeout', '300ms', '--rate', '250req/s', '--no-adaptive').finally(() => {
        over = true
      })
      const met = await allInTurn(trial.sink, () => over)
      const { exit, summary } = await running
      expect(ALL_KINDS.filter(text => text !== 'refuse' && !met.has(text))).toEqual([])
      expect([exit, summary.read.items, summary.left.items, summary.unreadBytes]).toEqual([1, lines.length * SPANS, 0, 0])
      const { received, missing, duplicates } = trial.books
      const [dropped, doubled] = [met.get('drop')?.items ?? 0, met.get('duplicate')?.items ?? 0]
      expect(received).toBe(summary.acknowledged.items - dropped)
      expect(missing).toBe(summary.rejected.items + summary.deadLettered.items + dropped)
      expect(duplicates).toBeGreaterThanOrEqual(doubled)
      expect(duplicates).toBeLessThanOrEqual(doubled + summary.possibleDuplicates)
      expect(summary.rejected.items).toBe((met.get('partial=3')?.requests ?? 0) * 3)
    } finally {
      await trial.close()
    }
  }, 90_000)
})

/** What leaves something in doubt comes last: until then each book can be held against the other exactly. */
const ALL_KINDS = [
  ...['drop', 'duplicate', 'partial=3', 'status=400:40%', 'slow=5ms', 'status=503', 'status=429,retry-after=50ms'],
  ...['status=502', 'refuse', 'hang', 'reset', 'reset=after'],
]

test('every fault of the sink has its turn', () => {
  expect(new Set(ALL_KINDS.map(text => parseFault(text).kind))).toEqual(new Set(FAULTS.map(({ kind }) => kind)))
})

interface Met {
  requests: number
  items: number
}

/** One fault after the other, each until it has met a few requests, and a healthy while between them. */
async function allInTurn(sink: Sink, isOver: () => boolean): Promise<Map<string, Met>> {
  const met = new Map<string, Met>()
  const until = async (isDue: () => boolean) => {
    while (!isDue() && !isOver()) await sleep(5)
  }
  const healthy = () => {
    const before = sink.ledger.requests.traces
    return until(() => sink.ledger.requests.traces > before)
  }
  await healthy()
  for (const text of ALL_KINDS) {
    await sink.become([counted(parseFault(text), met)])
    // Who closes the port meets nobody.
    if (text === 'refuse') await sleep(300)
    else await until(() => (met.get(text)?.requests ?? 0) >= 3)
    await sink.become([])
    await healthy()
  }
  return met
}

function counted(fault: Fault, met: Map<string, Met>): Fault {
  const { wrap } = fault.behaviour
  const counting: typeof wrap = (next, moment) => {
    const receive = wrap(next, moment)
    return arrival => {
      const { requests, items } = met.get(fault.text) ?? { requests: 0, items: 0 }
      met.set(fault.text, { requests: requests + 1, items: items + readItems(arrival, new Items()).length })
      return receive(arrival)
    }
  }
  return { ...fault, behaviour: { ...fault.behaviour, wrap: counting } }
}
