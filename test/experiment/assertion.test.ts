import { describe, expect, test } from 'vitest'
import { assess, parseClaim } from '../../src/experiment/assertion.ts'
import type { Figures } from '../../src/experiment/figures.ts'

const run = (own: Partial<Figures>): Figures => ({
  seed: 1,
  verdict: 'held',
  failover_time: 1,
  recovery_time: 5,
  sent: 1000,
  acknowledged: 1000,
  refused: 0,
  unknown: 0,
  lost: 0,
  duplicated: 0,
  queued: 0,
  peak_queue: 0.5,
  ...own,
})

const times = [1, 2, 3, 4, 100].map(failover_time => run({ failover_time }))

describe('assertions hold or do not', () => {
  test.each<[string, readonly Figures[], boolean, reason: string]>([
    ['lost == 0', [run({})], true, 'lost was 0'],
    ['lost == 0', [run({}), run({ lost: 3 })], false, 'lost was 3 in the worst of 2 runs'],
    ['lost <= 1%', [run({ lost: 10 })], true, 'lost was 10'],
    ['lost < 1%', [run({ lost: 10 })], false, 'lost was 10'],
    ['failover_time < 10s', [run({})], true, 'failover_time was 1s'],
    ['failover_time < 10s', [run({ failover_time: null })], false, 'failover_time was nothing: it did not happen'],
    ['failover_time > 10s', [run({ failover_time: null })], false, 'failover_time was nothing: it did not happen'],
    ['p50(failover_time) <= 3s', times, true, 'p50(failover_time) was 3s'],
    ['p95(failover_time) < 10s', times, false, 'p95(failover_time) was 1m40s'],
    ['p80(failover_time) < 10s', times, true, 'p80(failover_time) was 4s'],
    ['max(failover_time) < 10s', times, false, 'max(failover_time) was 1m40s'],
    ['min(failover_time) >= 1s', times, true, 'min(failover_time) was 1s'],
    ['mean(failover_time) == 22s', times, true, 'mean(failover_time) was 22s'],
    ['peak_queue<80% and refused==0', [run({})], true, 'peak_queue was 50%, refused was 0'],
    ['peak_queue < 80% and refused == 0', [run({ refused: 7 })], false, 'refused was 7'],
    ['sent != 0', [run({})], true, 'sent was 1000'],
    ['sent >= 2000', [run({}), run({ sent: 3000 })], false, 'sent was 1000 in the worst of 2 runs'],
  ])('%s', (text, runs, holds, reason) => {
    expect(assess(parseClaim(text), runs)).toEqual({ text, holds, reason })
  })
})

describe('what cannot be understood is told with its column', () => {
  test.each([
    ['', 1, 'the end'],
    ['lost', 5, 'the end'],
    ['lost = 0', 6, '`=`'],
    ['lsot == 0', 1, '`lost`'],
    ['lost == ten', 9, '`ten`'],
    ['lost == 1.2.3', 9, '`1.2.3`'],
    ['failover_time < 10', 17, 'a duration with a unit'],
    ['lost < 10s', 8, 'a number of spans'],
    ['p95(lost < 3', 10, '`)`'],
    ['p101(lost) < 3', 1, 'p50, p95'],
    ['median(lost) < 3', 1, 'p50, p95'],
    ['lost == 0 or sent == 0', 11, '`and` or the end'],
    ['peak_queue < 3s', 14, 'a share such as 80%'],
    ['constructor == 0', 1, 'one of failover_time'],
  ])('%s', (text, column, words) => {
    expect(() => parseClaim(text)).toThrow(`column ${column}: `)
    expect(() => parseClaim(text)).toThrow(words)
  })
})
