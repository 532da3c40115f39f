import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seeded } from '../../src/core/random.ts'
import { RetryBudget } from '../../src/failover/budget.ts'
import { Failed, failureOfError, failureOfStatus, mayRepeat } from '../../src/failover/failure.ts'
import { backoffMs, RETRY_DEFAULTS } from '../../src/failover/retry.ts'

describe('the wait between tries', () => {
  test('grows by the factor up to its limit', () => {
    const settings = { ...RETRY_DEFAULTS, jitter: 'none' as const }
    expect([1, 2, 3, 6, 7, 50].map(attempt => backoffMs(attempt, settings, () => 0))).toEqual([100, 200, 400, 3200, 5000, 5000])
  })

  test('is any time up to that with full jitter, so that clients do not come in waves', () => {
    const random = seeded(2)
    const waits = Array.from({ length: 2000 }, () => backoffMs(3, RETRY_DEFAULTS, random))
    expect(Math.max(...waits)).toBeLessThanOrEqual(400)
    expect(Math.abs(waits.reduce((a, b) => a + b) / 2000 - 200)).toBeLessThan(10)
  })

  test('has what the server asks for as its floor', () => {
    expect(backoffMs(1, RETRY_DEFAULTS, () => 0.5, 7000)).toBe(7000)
  })
})

describe('the budget', () => {
  test('is a share of the requests, and a few more each second', () => {
    const budget = new RetryBudget({ ratio: 0.2, minPerSecond: 1, windowMs: 10_000 })
    const takeAll = (now: number) => {
      let taken = 0
      while (budget.retry(now)) taken++
      return taken
    }
    expect(takeAll(0)).toBe(10)
    for (let i = 0; i < 100; i++) budget.request(5000)
    expect([takeAll(5000), takeAll(9999), takeAll(16_001)]).toEqual([20, 0, 10])
    expect(takeAll(60_000)).toBe(10)
  })

  test('is never exceeded, whatever comes when', () => {
    const moves = fc.array(fc.record({ wait: fc.nat(1500), requests: fc.nat(5), retries: fc.nat(8) }), {
      minLength: 20,
      maxLength: 100,
      size: 'max',
    })
    let refused = 0
    fc.assert(
      fc.property(moves, fc.constantFrom(0, 0.1, 0.5), fc.constantFrom(0, 0.5, 2), (all, ratio, minPerSecond) => {
        const budget = new RetryBudget({ ratio, minPerSecond, windowMs: 10_000 })
        const requests: number[] = []
        const retries: number[] = []
        let now = 0
        for (const move of all) {
          now += move.wait
          for (let i = 0; i < move.requests; i++) requests.push(now) && budget.request(now)
          // The window is kept in tenths: what is older than nine of them may be forgotten already.
          const since = (times: number[], ms: number) => times.filter(at => at > now - ms).length
          for (let i = 0; i < move.retries; i++) {
            if (!budget.retry(now)) refused++
            else {
              retries.push(now)
              expect(since(retries, 9000)).toBeLessThanOrEqual(minPerSecond * 10 + ratio * since(requests, 10_000.001))
            }
          }
        }
      }),
      { seed: 1, numRuns: 300 },
    )
    expect(refused).toBeGreaterThan(1000)
  })
})

describe('what a failure says', () => {
  test.each([
    ['not-sent', [true, true, true]],
    ['try-later', [false, true, true]],
    ['no-answer', [false, false, true]],
    ['refused', [false, false, false]],
  ] as const)('%s may be repeated with unsent, told, always: %s', (kind, may) => {
    expect((['unsent', 'told', 'always'] as const).map(repeat => mayRepeat(new Failed(kind, ''), repeat))).toEqual(may)
  })

  test.each([
    [200, undefined],
    [301, undefined],
    [400, 'refused'],
    [429, 'refused'],
    [500, 'refused'],
    [502, 'try-later'],
    [503, 'try-later'],
    [504, 'try-later'],
  ])('status %i is %s', (status, kind) => expect(failureOfStatus(status)?.kind).toBe(kind))

  test('which statuses may be repeated can be said', () => {
    expect(failureOfStatus(429, 3000, [429])).toMatchObject({ kind: 'try-later', details: { afterMs: 3000, status: 429 } })
  })

  test.each([
    ['ECONNREFUSED', 'not-sent'],
    ['ENOTFOUND', 'not-sent'],
    ['ECONNRESET', 'no-answer'],
    ['EPIPE', 'no-answer'],
    ['ETIMEDOUT', 'no-answer'],
  ])('%s is %s, also as the cause of what fetch throws', (code, kind) => {
    const error = Object.assign(new Error('x'), { code })
    expect(failureOfError(error)?.kind).toBe(kind)
    expect(failureOfError(new TypeError('fetch failed', { cause: error }))?.kind).toBe(kind)
  })

  test('an error of the caller is none of the network', () => {
    expect(failureOfError(new TypeError('x is not a function'))).toBeUndefined()
    expect(failureOfError('text')).toBeUndefined()
    expect(failureOfError(new DOMException('late', 'TimeoutError'))).toMatchObject({ details: { timedOut: true } })
  })
})
