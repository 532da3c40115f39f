import { expect, test } from 'vitest'
import { ansiPainter, plainPainter } from '../../src/core/paint.ts'
import { outcomeText } from '../../src/formats/outcome-text.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { HELD } from './outcome-example.ts'

test('an outcome that held', () => {
  expect(outcomeText(HELD, plainPainter)).toBe(`failoverctl chaos on the embedded lab
config a.yaml, as collector 0.163.0; run 00000000000000ab, seed 7
note: a note

    0.00s  traffic on
    0.07s  level 0
    2.10s  ▼ primary is stopped
    2.10s  level 1
    5.12s  ▲ primary is started again
   12.19s  level 0

  failover time   11ms     (level changed between 0.00 and 0.02 s, by the metrics)
  recovery time   7s       (level changed between 6.97 and 7.07 s, by the metrics)
  level read from a_gauge

  sent            760 spans
  acknowledged    760
  refused         0
  unknown         0
  delivered       level 0: primary 259, level 1: secondary 501, elsewhere 0
  lost            0
  duplicated      0

HELD  level 0 → 1 → 0, nothing lost
`)
})

test('an outcome that deviated: what was lost as ranges, what to blame, and what to do next', () => {
  const deviated: Outcome = {
    ...HELD,
    verdict: 'deviated',
    reason: '20 lost',
    faults: [{ at_s: 2.1, until_s: null, kind: 'pause', backend: 'primary' }],
    failover_time_s: null,
    failover_interval_s: null,
    recovery_time_s: null,
    ledger: {
      ...HELD.ledger,
      refused: 3,
      unknown: 1,
      lost: 20,
      queued: 5,
      lost_ranges: [
        [4, 9],
        [12, 12],
        [14, 15],
        [20, 21],
        [30, 31],
        [40, 45],
      ],
    },
    causes: [{ what: 'it hides errors', count: 0, rule: 'a-rule', file: 'a.yaml', line: 3 }],
  }
  const text = outcomeText(deviated, plainPainter)
  for (const line of [
    '    2.10s  ▼ primary is paused: it takes connections and answers nothing',
    '  failover time   did not happen',
    '  recovery time   no level took over (level changed between 6.97 and 7.07 s, by the metrics)',
    '  refused         3 (the sender was told, and can send them again)',
    '  unknown         1 (no answer: they may have arrived)',
    '  lost            20 (numbers 4–9, 12, 14–15, 20–21, 30–31, …)',
    '  queued          5 (acknowledged, still in a queue when the drain ended)',
    '  a.yaml:3  a-rule  it hides errors',
    'DEVIATED  20 lost',
    'Next: failoverctl validate a.yaml',
  ]) {
    expect(text).toContain(`${line}\n`)
  }
})

test('colours change nothing but the colours', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is taken out
  expect(outcomeText(HELD, ansiPainter).replace(/\u001b\[\d+m/g, '')).toBe(outcomeText(HELD, plainPainter))
})
