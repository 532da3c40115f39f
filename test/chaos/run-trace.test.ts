import { describe, expect, test } from 'vitest'
import type { JournalEntry, RunRecord } from '../../src/chaos/journal/record.ts'
import { parentOf, runTrace } from '../../src/chaos/journal/run-trace.ts'
import { HELD } from '../formats/outcome-example.ts'

const START = 1_795_262_400_000
const TRACE = 'ab'.repeat(16)
const STANDING = { level_now: 0, sent: 1, acknowledged: 1, refused: 0, unknown: 0 }
const PRIMARY = { kind: 'stop', on: 'primary' } as const
const entry = (event: object) => ({ ...event, ...STANDING }) as JournalEntry
const moved = (expected: number, reached: boolean) => ({
  expected,
  level: 0,
  reached,
  time_s: reached ? 0.5 : null,
  interval_s: null,
})

const record = (end: RunRecord['end'], isReached = true): RunRecord => ({
  file: 'run.jsonl',
  header: {
    started_ms: START,
    failoverctl: '0.0.0',
    run: '00000000000000ab',
    seed: 7,
    by: { user: null, host: 'here', job: null },
    experiment: { faults: [PRIMARY] },
  } as unknown as RunRecord['header'],
  entries: [
    entry({ kind: 'traffic-on', at_s: 0 }),
    entry({ kind: 'level', level: 0, evidence: 'a_gauge', at_s: 0.1 }),
    entry({ kind: 'steady', reached: true, at_s: 0.2 }),
    entry({ kind: 'fault', fault: PRIMARY, at_s: 2 }),
    entry({ kind: 'transition', transition: moved(1, isReached), at_s: 2.6 }),
    entry({ kind: 'undone', fault: PRIMARY, at_s: 5 }),
    entry({ kind: 'draining', at_s: 6 }),
    entry({ kind: 'drained', ledger: HELD.ledger, at_s: 7 }),
  ],
  end,
})

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: { key: string; value: Record<string, unknown> }[]
  readonly events?: { name: string; timeUnixNano: string }[]
  readonly status: { code?: number; message?: string }
}

function spansOf(told: RunRecord, parentSpanId?: string): [Span, ...Span[]] {
  let count = 0
  const trace = runTrace(told, { traceId: TRACE, parentSpanId, spanId: () => `${++count}`.padStart(16, '0') })
  return (trace as { resourceSpans: [{ scopeSpans: [{ spans: [Span, ...Span[]] }] }] }).resourceSpans[0].scopeSpans[0].spans
}

const times = ({ startTimeUnixNano, endTimeUnixNano }: Span) =>
  [startTimeUnixNano, endTimeUnixNano].map(nanos => Number(BigInt(nanos) / 1_000_000n) - START)
const HELD_END = { kind: 'outcome', outcome: HELD, series: null, given: [] } as const

test('the run is the root, with the verdict; below it what took time, where it took it', () => {
  const [root, ...children] = spansOf(record(HELD_END))
  expect(root).toMatchObject({ traceId: TRACE, name: 'chaos stop primary', status: { code: 1 } })
  expect(root).not.toHaveProperty('parentSpanId')
  expect(times(root)).toEqual([0, 7000])
  expect(children.map(child => [child.name, ...times(child), child.parentSpanId])).toEqual([
    ['steady state', 0, 200, root.spanId],
    ['stop primary', 2000, 5000, root.spanId],
    ['to level 1', 2000, 2500, root.spanId],
    ['drain', 6000, 7000, root.spanId],
  ])
  expect(root.events?.map(({ name }) => name)).toEqual(['level', 'check', 'check', 'check', 'check'])
  const attributes = Object.fromEntries(root.attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
  expect(attributes).toMatchObject({
    'failoverctl.verdict': 'held',
    'failoverctl.run': '00000000000000ab',
    'failoverctl.spans.lost': '0',
    'failoverctl.failover.time': 0.011,
  })
  expect(new Set([root, ...children].map(({ spanId }) => spanId)).size).toBe(5)
})

test('what went wrong is an error with its reason', () => {
  const reason = 'no failover within 7s'
  const deviated = spansOf(record({ ...HELD_END, outcome: { ...HELD, verdict: 'deviated', reason } }, false))
  expect(deviated[0].status).toEqual({ code: 2, message: reason })
  expect(deviated.find(({ name }) => name === 'to level 1')?.status).toEqual({ code: 2, message: 'on level 0 instead' })
  expect(spansOf(record({ ...HELD_END, outcome: { ...HELD, verdict: 'unknown' } }))[0].status).toEqual({})
  expect(spansOf(record({ kind: 'ended', why: 'interrupted' }))[0].status).toEqual({ code: 2, message: 'interrupted' })
  expect(spansOf(record(undefined))[0].status.code).toBe(2)
})

test('it hangs below the span that started the tool', () => {
  expect(spansOf(record(HELD_END), 'cd'.repeat(8))[0].parentSpanId).toBe('cd'.repeat(8))
})

describe('TRACEPARENT', () => {
  const [id, span] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
  test.each([
    [`00-${id}-${span}-01`, { traceId: id, parentSpanId: span }],
    [`00-${'0'.repeat(32)}-${span}-01`, undefined],
    [`00-${id}-${'0'.repeat(16)}-01`, undefined],
    ['nonsense', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (text, parent) => expect(parentOf(text)).toEqual(parent))
})
