import { expect, test } from 'vitest'
import { plainPainter } from '../../src/core/paint.ts'
import { timelineText } from '../../src/formats/timeline-text.ts'
import { TEN_MINUTES } from './page-content.ts'

const { outcome, series } = TEN_MINUTES
const draw = (columns: number | undefined) => timelineText(outcome, series as NonNullable<typeof series>, columns, plainPainter)

test('an outage as a drawing', () => {
  expect(draw(72)).toBe(`  level 0          ━━━━┓                     ┏━━━━━━━━━━━━━
  level 1              ┗━━━━━━━━┓            ┃
  level 2                       ┃ ┏━━━━━━━━━━┛
  all failed                    ┗━┛
  ✗ primary            ░░░░░░░░░░░░░░░░░░░░
  ✗ secondary                   ░░░░░
  primary          ████                      ██████████████ 500/s
  secondary            ██████████                           500/s
  backup                          ████████████              500/s
  refused                       █                           500/s
  lost                            ▄                         250/s
  queue failover   ▁▁▁▁▁▁▁▁▁▁▁▁▁▄██▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁ 100% full
                   0s        2m30s     5m        7m30s  10m
`)
})

test.each([1, 40, 80, 200, undefined])('fits a screen of %s columns', columns => {
  const widest = Math.max(
    ...draw(columns)
      .split('\n')
      .map(line => [...line].length),
  )
  expect(widest).toBeLessThanOrEqual(Math.max(columns ?? 100, 52))
})
