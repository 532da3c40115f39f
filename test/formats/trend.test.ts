import { expect, test } from 'vitest'
import { plainPainter } from '../../src/core/paint.ts'
import { countedRows } from '../../src/formats/counted-words.ts'
import { runsJunit } from '../../src/formats/outcome-junit.ts'
import { trendMarkdown } from '../../src/formats/outcome-markdown.ts'
import { outcomeText } from '../../src/formats/outcome-text.ts'
import { trendPage } from '../../src/formats/page/trend.ts'
import { trendText } from '../../src/formats/trend-text.ts'
import { HELD } from './outcome-example.ts'
import { COUNTED, RECORDS, TREND } from './run-example.ts'

test('a trend for a person: a line a run, how times are spread, and what did not hold', () => {
  const lines = trendText(TREND, plainPainter).split('\n')
  expect(lines[0]).toBe('20 runs: 17 held, 1 deviated, 1 unknown, 1 unfinished')
  expect(lines[3]).toBe('  2026-11-10 09:00:00  held        10ms      5s        0     0           0000000000000010')
  expect(lines).toContain('  2026-11-21 09:00:00  unfinished  –         –         ?     ?           0000000000000021')
  expect(lines).toContain('  failover time  p50 20ms, p95 40ms, from 10ms to 40ms')
  expect(lines).toContain('  recovery time  p50 6s, p95 –, from 5s to –; did not happen in 1')
  expect(lines.slice(-4, -1).map(line => line.slice(17, 27))).toEqual(['deviated: ', 'unfinished', 'unknown: l'])
})

test('a trend as Markdown and as a page: what comes from configs stays text', () => {
  const [first] = TREND.runs
  const trend = { ...TREND, runs: first ? [{ ...first, reason: '<b>|x' }] : [] }
  expect(trendMarkdown(trend)).toContain('&lt;b&gt;\\|x')
  expect(trendPage(trend, [], '0')).toContain('&lt;b&gt;|x')
  expect(trendPage(TREND, [], '0').match(/<rect class="bar /g)).toHaveLength(19 + 18 + 19)
  expect(trendPage(TREND, [], '0').match(/<rect class="never"/g)).toHaveLength(1 + 2 + 1)
})

test('JUnit has a suite a run, with when it was, and their sums', () => {
  const xml = runsJunit(RECORDS)
  expect(xml).toContain('<testsuites name="failoverctl chaos" tests="77" failures="0" errors="1" skipped="0"')
  expect(xml.match(/<testsuite /g)).toHaveLength(20)
  expect(xml).toContain('timestamp="2026-11-10T09:00:00"')
})

test('the finer points of a count: only what there is to say', () => {
  expect(countedRows({ ...HELD.ledger, counted: COUNTED })).toEqual([
    ['before fault', '100 sent: 2 duplicated'],
    ['during fault', '200 sent: 8 refused, 2 without an answer, 6 lost'],
    ['after fault', '460 sent'],
    ['arrived anyway', '3 that were refused, 1 without an answer'],
    [
      'on their way',
      'half within 20ms, 99 % within 4s, the last 7s (arrivals are noticed up to 1.1s late); 12 over 2.1s, 9 of them sent during the fault and arrived after it',
    ],
    ['never sent', '2 arrived all the same'],
    ['counted', '± 11: primary is counted by its own metrics'],
    ['not counted', 'secondary has no file secondary.jsonl'],
  ])
  expect(countedRows(HELD.ledger)).toEqual([])
})

test('a margin stands beside the loss', () => {
  const text = outcomeText({ ...HELD, ledger: { ...HELD.ledger, lost: 5, counted: COUNTED } }, plainPainter)
  expect(text).toMatch(/^ {2}lost {12}5 ± 11$/m)
})

test('a time that may be shorter says so: arrivals are noticed late', () => {
  const text = outcomeText({ ...HELD, ledger: { ...HELD.ledger, counted: COUNTED } }, plainPainter)
  expect(text).toMatch(
    /^ {2}recovery time {3}7s or less \(level changed between 6.97 and 7.07 s, by the metrics; arrivals are noticed up to 1.1s late\)$/m,
  )
})
