import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FailoverctlError } from '../../src/core/errors.ts'
import { Witness } from '../../src/otlp/witness.ts'
import { type RunReport, reconcile, type SentRun, type Verdict } from '../../src/sink/reconcile.ts'
import { readSentRuns } from '../../src/sink/sent-runs.ts'

const witnessOf = (numbers: readonly number[]) => {
  const witness = new Witness()
  for (const number of numbers) witness.add(number)
  return witness
}
const sentRun = (sent: number, others: Partial<SentRun> = {}): SentRun => ({
  run: 'r',
  signal: 'traces',
  sent,
  acknowledged: [[1, sent]],
  refused: [],
  unknown: [],
  unlisted: 0,
  numbered: true,
  ...others,
})
const judge = (
  numbers: readonly number[],
  { sent, expected, isFinal = true }: { sent?: SentRun; expected?: number; isFinal?: boolean },
) => reconcile('r', 'traces', witnessOf(numbers), { sent, expected, isFinal })

describe('what is said of a run', () => {
  const all = [1, 2, 3, 4, 5]
  const cases: [what: string, report: RunReport, verdict: Verdict, missing: RunReport['missing_ranges']][] = [
    ['all is here', judge(all, { sent: sentRun(5) }), 'complete', []],
    [
      'acknowledged and not here',
      judge([1, 4], { sent: sentRun(5) }),
      'lost',
      [
        [2, 3],
        [5, 5],
      ],
    ],
    ['nothing is here', judge([], { sent: sentRun(5) }), 'lost', [[1, 5]]],
    ['nothing that has a number', judge([], { sent: sentRun(5, { numbered: false }) }), 'unknown', []],
    [
      'refused and not here',
      judge([1, 2, 4, 5], {
        sent: sentRun(5, {
          acknowledged: [
            [1, 2],
            [4, 5],
          ],
          refused: [[3, 3]],
        }),
      }),
      'complete',
      [],
    ],
    [
      'no final read',
      judge([1, 4], { sent: sentRun(5), isFinal: false }),
      'unknown',
      [
        [2, 3],
        [5, 5],
      ],
    ],
    ['no final read, and all is here', judge(all, { sent: sentRun(5), isFinal: false }), 'complete', []],
    [
      'the sender does not say which were not acknowledged',
      judge([1, 2, 3, 4], { sent: sentRun(5, { unlisted: 1 }) }),
      'unknown',
      [[5, 5]],
    ],
    ['more are missing than that can explain', judge([1, 2, 3], { sent: sentRun(5, { unlisted: 1 }) }), 'lost', [[4, 5]]],
    ['fewer than were expected', judge([1, 2], { expected: 4 }), 'lost', [[3, 4]]],
    ['a gap that nobody has explained', judge([1, 4], {}), 'missing', [[2, 3]]],
    ['nobody knows how many there were', judge([1, 2], {}), 'complete', []],
  ]
  test.each(cases)('%s', (_, report, verdict, missing) => {
    expect([report.verdict, report.missing_ranges]).toEqual([verdict, missing])
  })

  test('what came twice, was never sent, or came although the sender knows nothing of it', () => {
    const report = judge([1, 2, 2, 3, 3, 3, 6, 7, 9], {
      sent: sentRun(6, {
        acknowledged: [
          [1, 2],
          [4, 5],
        ],
        unknown: [[3, 3]],
        refused: [[6, 6]],
      }),
    })
    expect(report).toMatchObject({
      received: 6,
      duplicates: 3,
      duplicate_ranges: [[2, 3]],
      missing: 2,
      missing_ranges: [[4, 5]],
      sender: {
        acknowledged: 4,
        phantom: 2,
        phantom_ranges: [
          [7, 7],
          [9, 9],
        ],
        unknown_received: 1,
        refused_received: 1,
      },
    })
  })

  test('every number is found exactly, whatever is dropped and repeated', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 300 }))
    fc.assert(
      fc.property(numbers, numbers, numbers, (dropped, repeated, refused) => {
        const arrived = Array.from({ length: 300 }, (_, index) => index + 1).filter(n => !dropped.includes(n))
        const again = repeated.filter(n => arrived.includes(n))
        const acknowledged = arrived
          .concat(dropped)
          .filter(n => !refused.includes(n))
          .sort((a, b) => a - b)
        const report = judge([...arrived, ...again], { sent: sentRun(300, { acknowledged: acknowledged.map(n => [n, n]) }) })
        expect(report.missing).toBe(dropped.filter(n => !refused.includes(n)).length)
        expect(report.duplicates).toBe(again.length)
        expect(flat(report.missing_ranges)).toEqual(dropped.filter(n => !refused.includes(n)).sort((a, b) => a - b))
        expect(flat(report.duplicate_ranges)).toEqual([...again].sort((a, b) => a - b))
      }),
      { seed: 9, numRuns: 200 },
    )
  })
})

const flat = (found: RunReport['missing_ranges']) =>
  found.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => from + index))

describe('what send --json prints is read', () => {
  const summary = (signal: object, ids?: string) =>
    JSON.stringify({
      run: 'abc',
      ids,
      signals: [{ signal: 'logs', sent: 10, acknowledged: 10, refused_ranges: [], unknown_ranges: [], ...signal }],
    })
  test.each<[string, object, Partial<SentRun>]>([
    ['all acknowledged', {}, { acknowledged: [[1, 10]], unlisted: 0 }],
    ['nothing sent', { sent: 0, acknowledged: 0 }, { acknowledged: [], unlisted: 0 }],
    [
      'some refused, some unknown',
      {
        acknowledged: 6,
        refused_ranges: [[3, 4]],
        unknown_ranges: [
          [1, 1],
          [10, 10],
        ],
      },
      {
        acknowledged: [
          [2, 2],
          [5, 9],
        ],
        unlisted: 0,
      },
    ],
    [
      'not all of them listed',
      { acknowledged: 6, refused_ranges: [[3, 4]] },
      {
        acknowledged: [
          [1, 2],
          [5, 10],
        ],
        unlisted: 2,
      },
    ],
  ])('%s', (_, signal, expected) => {
    expect(readSentRuns('sent.json', summary(signal))).toMatchObject([{ run: 'abc', signal: 'logs', ...expected }])
  })

  test.each([
    ['run', 'traces', true],
    [undefined, 'traces', true],
    ['random', 'traces', false],
    ['random', 'logs', true],
    ['own', 'logs', false],
  ])('ids %s of %s tell their numbers: %s', (ids, signal, numbered) => {
    expect(readSentRuns('sent.json', summary({ signal }, ids))).toMatchObject([{ numbered }])
  })

  test.each([
    ['', /sent\.json: expected what failoverctl send --json prints, but it is empty/],
    ['{', /it is not JSON/],
    ['[]', /it is not JSON/],
    ['{}', /it has no run and no signals/],
    [summary({ signal: 'toString' }), /a signal that OTLP does not know/],
    [summary({ sent: 'many' }), /it has no sent/],
    [summary({ refused_ranges: [[1]] }), /it has no refused_ranges/],
  ])('%s is none', (text, said) => {
    let found: FailoverctlError | undefined
    try {
      readSentRuns('sent.json', text)
    } catch (error) {
      found = error as FailoverctlError
    }
    expect(found?.message).toMatch(said)
    expect(found?.exit).toBe(3)
  })
})
