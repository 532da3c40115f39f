import { expect, test } from 'vitest'
import { outcomeJunit } from '../../src/formats/outcome-junit.ts'
import { outcomeMarkdown } from '../../src/formats/outcome-markdown.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { HELD } from './outcome-example.ts'

const [steady, failover, recovery, loss] = HELD.checks as [Outcome['checks'][number], ...Outcome['checks']]

/** No failover, spans lost, and names that try to be markup. */
const DEVIATED: Outcome = {
  ...HELD,
  verdict: 'deviated',
  reason: 'no failover within 7s: level 0, expected level 1, because batch-hides-errors (a|b.yaml:3): `it` <hides> errors',
  config: 'a|b.yaml',
  failover_time_s: null,
  recovery_time_s: null,
  ledger: {
    ...HELD.ledger,
    lost: 20,
    queued: 5,
    lost_ranges: [
      [4, 9],
      [12, 25],
    ],
  },
  checks: [
    steady,
    { ...(failover as typeof steady), result: 'deviated', observed: 'level 0', took_s: null },
    { ...(recovery as typeof steady), result: 'skipped', observed: 'not tried', evidence: '', took_s: null },
    { ...(loss as typeof steady), result: 'deviated', observed: '20 of 760 lost' },
  ],
  causes: [{ what: '@all <b>hides</b>\n| errors', count: 20, rule: 'batch-hides-errors', file: 'a|b.yaml', line: 3 }],
}

test('JUnit: a suite a run, a test a check', () => {
  expect(outcomeJunit({ ...HELD, checks: HELD.checks.slice(0, 2) })).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="failoverctl chaos" tests="2" failures="0" errors="0" skipped="0" time="0.011">
<testsuite name="a.yaml on the embedded lab" tests="2" failures="0" errors="0" skipped="0" time="0.011">
<properties>
<property name="target" value="the embedded lab"/>
<property name="config" value="a.yaml"/>
<property name="collector version" value="0.163.0"/>
<property name="run" value="00000000000000ab"/>
<property name="seed" value="7"/>
<property name="reason" value="level 0 → 1 → 0, nothing lost"/>
</properties>
<testcase name="steady state" classname="a.yaml" time="0">
<system-out>expected: level 0 takes the traffic before any fault&#10;observed: level 0&#10;evidence: a_gauge&#10;from: 0.00 s after the start of traffic</system-out>
</testcase>
<testcase name="failover in time" classname="a.yaml" time="0.011">
<system-out>expected: level 1 within 7s&#10;observed: level 1 after 11ms&#10;evidence: a_gauge, seen between 0.00 and 0.02 s&#10;from: 2.10 s after the start of traffic</system-out>
</testcase>
<system-out>note: a note</system-out>
</testsuite>
</testsuites>
`)
})

test('JUnit: what failed says what was expected, what was seen and by what; what was not tried is skipped', () => {
  const xml = outcomeJunit(DEVIATED)
  expect(xml).toContain('tests="4" failures="2" errors="0" skipped="1"')
  expect(xml).toContain('<failure type="deviated" message="expected level 1 within 7s; observed level 0">expected: level 1')
  expect(xml).toContain('evidence: what the backends hold after the drain</failure>')
  expect(xml).toContain('<skipped message="not tried"/>')
})

test('Markdown of a run that held', () => {
  expect(outcomeMarkdown(HELD)).toBe(`## Failover ✅ held

level 0 → 1 → 0, nothing lost

| check | result | expected | observed | took | evidence |
| --- | --- | --- | --- | --- | --- |
| steady state | ✅ held | level 0 takes the traffic before any fault | level 0 |  | a\\_gauge |
| failover in time | ✅ held | level 1 within 7s | level 1 after 11ms | 11ms | a\\_gauge, seen between 0.00 and 0.02 s |
| recovery in time | ✅ held | level 0 within 12s | level 0 after 7s | 7s | a\\_gauge, seen between 6.97 and 7.07 s |
| nothing lost | ✅ held | no acknowledged span is lost | 0 of 760 lost |  | what the backends hold after the drain |

| spans |  |
| --- | --- |
| sent | 760 |
| acknowledged | 760 |
| refused: the sender was told | 0 |
| unknown: no answer | 0 |
| delivered to primary, level 0 | 259 |
| delivered to secondary, level 1 | 501 |
| delivered to elsewhere | 0 |
| **lost** | 0 |
| duplicated | 0 |

<details><summary>Step by step</summary>

| at | what |
| --- | --- |
| 0.07 s | failover is on level 0 |
| 2.10 s | ▼ primary is stopped |
| 2.10 s | failover is on level 1 |
| 5.12 s | ▲ primary is started again |
| 12.19 s | failover is on level 0 |

</details>

- a note

<sub>failoverctl chaos on the embedded lab, config a.yaml, collector 0.163.0, run 00000000000000ab, seed 7</sub>
`)
})

test('Markdown of a run that deviated: nothing in it is markup but ours', () => {
  const text = outcomeMarkdown(DEVIATED)
  for (const line of [
    '## Failover ❌ deviated',
    'no failover within 7s: level 0, expected level 1, because batch-hides-errors (a\\|b.yaml:3): \\`it\\` &lt;hides&gt; errors',
    '| **lost** | 20 (numbers 4–9, 12–25) |',
    '| still queued | 5 |',
    '- <code>a\\|b.yaml:3</code> <code>batch-hides-errors</code> &#64;all &lt;b&gt;hides&lt;/b&gt; \\| errors',
  ])
    expect(text.split('\n')).toContain(line)
  expect(text).toContain('| recovery in time | ➖ not tried |')
})
