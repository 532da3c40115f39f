import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RunEvent, RunView } from '../../src/chaos/events.ts'
import { howFar } from '../../src/chaos/journal/how-far.ts'
import { readJournal } from '../../src/chaos/journal/read.ts'
import { JOURNAL_VERSION, type JournalHeader, type RunResult } from '../../src/chaos/journal/record.ts'
import { trendOf } from '../../src/chaos/journal/trend.ts'
import { JournalWriter } from '../../src/chaos/journal/write.ts'
import { type FakeHost, fakeHost } from '../fake-host.ts'
import { HELD } from '../formats/outcome-example.ts'

const FILE = 'run.jsonl'
const PRIMARY = { kind: 'stop', on: 'primary' } as const

const header = (changes: Partial<JournalHeader> = {}): JournalHeader => ({
  kind: 'header',
  journal: JOURNAL_VERSION,
  started: '2026-11-21T12:00:00Z',
  started_ms: 1_795_262_400_000,
  failoverctl: '0.0.0',
  run: '00000000000000ab',
  seed: 7,
  target: 'a lab',
  config: 'a.yaml',
  collector_version: '0.163.0',
  by: { user: 'sre', host: null, job: null },
  experiment: { faults: [PRIMARY] } as unknown as JournalHeader['experiment'],
  ...changes,
})

const view = (at_s: number, sent: number): RunView =>
  ({ now: () => at_s, level: 0, sent, acknowledged: sent - 1, refused: 1, unknown: 0 }) as unknown as RunView

const RESULT: RunResult = { outcome: HELD, series: null, given: ['50 spans/s'] }
const STORY: readonly RunEvent[] = [
  { kind: 'traffic-on', at_s: 0 },
  { kind: 'level', level: 0, evidence: 'a_gauge', at_s: 0.1 },
  { kind: 'steady', reached: true, at_s: 0.2 },
  { kind: 'fault', fault: PRIMARY, at_s: 2 },
  { kind: 'undone', fault: PRIMARY, at_s: 5 },
  { kind: 'draining', at_s: 6 },
]

async function written(host: FakeHost, events: readonly RunEvent[] = STORY, changes: Partial<JournalHeader> = {}) {
  const journal = new JournalWriter(FILE, header(changes), host)
  await journal.open()
  for (const event of events) await journal.hear(event, view(event.at_s, Math.round(event.at_s * 50) + 1))
  return journal
}

const read = (host: FakeHost) => readJournal(FILE, host.disk.text(FILE))

test('what is written is read: the header, every event as it happened, and the outcome', async () => {
  const host = fakeHost()
  const journal = await written(host)
  await journal.outcome(RESULT)
  const [record, ...others] = read(host)
  expect(others).toEqual([])
  expect(record?.header).toEqual(header())
  expect(record?.entries.map(({ kind }) => kind)).toEqual(STORY.map(({ kind }) => kind))
  expect(record?.entries[3]).toEqual({ ...STORY[3], level_now: 0, sent: 101, acknowledged: 100, refused: 1, unknown: 0 })
  expect(record?.end).toEqual({ kind: 'outcome', ...RESULT })
  expect(journal.record).toEqual(record)
  expect(record && howFar(record)).toBeUndefined()
})

test('every event is in the file before the run goes on, and once a second how it stands', async () => {
  const host = fakeHost()
  const journal = await written(host, STORY.slice(0, 3))
  expect(read(host)[0]?.entries).toHaveLength(3)
  await host.clock.advance(2500)
  expect(
    read(host)[0]
      ?.entries.map(({ kind }) => kind)
      .slice(3),
  ).toEqual(['sample', 'sample'])
  journal.close()
  expect(host.clock.pending).toBe(0)
})

describe('a journal that is cut off', () => {
  test('anywhere: it tells all that was whole, and how far the run came', async () => {
    const host = fakeHost()
    await (await written(host)).outcome(RESULT)
    const text = host.disk.text(FILE)
    const first = text.indexOf('\n')
    fc.assert(
      fc.property(fc.integer({ min: first, max: text.length - 1 }), length => {
        const [record] = readJournal(FILE, text.slice(0, length))
        const whole = text.slice(0, length).split('\n').length - 2
        // The last line may be whole, and lack only its newline.
        const known = (record?.entries.length ?? 0) + (record?.end ? 1 : 0)
        expect(known - Math.max(0, whole)).toBeGreaterThanOrEqual(0)
        expect(known - whole).toBeLessThanOrEqual(1)
        if (record && !record.end) expect(howFar(record)?.left).toEqual(known === 4 ? ['stop primary'] : [])
      }),
    )
  })

  test('says what was not taken back, and what happened last', async () => {
    const host = fakeHost()
    await written(host, STORY.slice(0, 4))
    const [record] = read(host)
    expect(record && howFar(record)).toEqual({
      why: undefined,
      at_s: 2,
      last: 'stop primary',
      left: ['stop primary'],
      level: 0,
      sent: 101,
      acknowledged: 100,
      refused: 1,
      unknown: 0,
    })
  })

  test('a run that ended by itself has left nothing', async () => {
    const host = fakeHost()
    await (await written(host, STORY.slice(0, 4))).ended('interrupted; undone')
    const [record] = read(host)
    expect(record && howFar(record)).toMatchObject({ why: 'interrupted; undone', left: [] })
  })

  test('a header alone', async () => {
    const host = fakeHost()
    await written(host, [])
    expect(howFar(read(host)[0] as ReturnType<typeof read>[number])).toMatchObject({ last: 'nothing yet', sent: 0 })
  })
})

test('a second run in the same file is a run of its own, also behind a line that was cut off', async () => {
  const host = fakeHost()
  await written(host, STORY.slice(0, 4))
  const cut = host.disk.text(FILE).slice(0, -20)
  host.disk.put(FILE, cut)
  await (await written(host, STORY, { run: '00000000000000cd', started: '2026-11-21T13:00:00Z' })).outcome(RESULT)
  const records = read(host)
  expect(records.map(({ header, entries, end }) => [header.run, entries.length, end?.kind])).toEqual([
    ['00000000000000ab', 3, undefined],
    ['00000000000000cd', 6, 'outcome'],
  ])
  const trend = trendOf(records.toReversed())
  expect(trend.runs.map(({ verdict }) => verdict)).toEqual(['unfinished', 'held'])
  expect(trend.count).toEqual({ held: 1, deviated: 0, unknown: 0, unfinished: 1 })
  expect(trend.runs[0]).toMatchObject({ lost: null, reason: 'the journal is cut off; it came to 0.2 s: steady on level 0' })
  expect(trend.failover_time_s).toMatchObject({ p50: 0.011, max: 0.011, never: 0 })
})

test.each<[what: string, text: string, message: string]>([
  ['an empty file', '', 'run.jsonl:1: no line of a journal'],
  ['another file', 'title: x\n', 'run.jsonl:1: no line of a journal'],
  ['other JSON lines', '{"resourceSpans":[]}\n', 'run.jsonl:1: no line of a journal'],
  ['half a header', '{"kind":"header","journal":1}\n', 'run.jsonl:1: no line of a journal'],
  ['events without a header', '{"kind":"traffic-on","at_s":0}\n', 'run.jsonl:1: no line of a journal'],
  [
    'a broken line in the middle',
    `${JSON.stringify(header())}\n{"kind":"ste\n{"kind":"sample","at_s":1}\n`,
    'run.jsonl:2: no line of a journal',
  ],
  ['a later version', `${JSON.stringify(header({ journal: 9 }))}\n`, 'run.jsonl:1: a journal of version 9, expected 1'],
])('%s is refused with its place', (_, text, message) => {
  expect(() => readJournal(FILE, text)).toThrow(message)
})

test('secrets stay out: in texts, in settings by name, and in addresses', async () => {
  const host = fakeHost()
  const config = 'a.yaml + yaml:exporters::otlp::headers::authorization: Bearer abc123'
  const faults = [{ ...PRIMARY, token: 'abc123' }]
  const journal = await written(host, [{ kind: 'aborted', why: 'GET http://me:abc123@there/ failed', at_s: 1 }], {
    config,
    experiment: { faults } as unknown as JournalHeader['experiment'],
  })
  await journal.outcome({ ...RESULT, given: ['to http://me:abc123@there'] })
  expect(host.disk.text(FILE)).not.toContain('abc123')
  expect(host.disk.text(FILE)).toContain('http://me:******@there')
})

test('a disk that is full ends the journal and not the run, and is said once', async () => {
  const host = fakeHost()
  const journal = await written(host, STORY.slice(0, 1))
  host.disk.room = 0
  for (const event of STORY.slice(1)) await journal.hear(event, view(event.at_s, 1))
  await journal.outcome(RESULT)
  expect(host.err).toBe('the journal ends here: run.jsonl: cannot be written (ENOSPC)\n')
  expect(journal.record.entries).toHaveLength(STORY.length)
})
