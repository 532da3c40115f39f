import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Counters } from '../../src/chaos/counters.ts'
import { parsePrometheus } from '../../src/metrics/prometheus.ts'

const scrapeOf = (accepted: number | undefined, uptime = 1) =>
  accepted === undefined
    ? []
    : parsePrometheus(
        `otelcol_process_uptime ${uptime}\notelcol_receiver_accepted_spans{receiver="otlp",transport="grpc"} ${accepted}\n`,
      )

/** A look every 100 ms at what the counter shows then; undefined is no answer. */
const looked = (...counts: readonly (number | undefined)[]) => lookedAt(counts.map(count => [count, 1]))

async function lookedAt(shown: readonly (readonly [count: number | undefined, uptimeS: number])[]) {
  let [at, answer] = [0, [] as ReturnType<typeof scrapeOf>]
  const counters = new Counters(async () => answer, { now: () => at })
  for (const [count, uptimeS] of shown) {
    answer = scrapeOf(count, uptimeS)
    await counters.look()
    at += 100
  }
  return counters.holding
}

test('what was there before is not counted, and growth is', async () => {
  expect(await looked(500, 500, 510, 530)).toMatchObject({ counted: 30, off: 0, why: /cannot tell a span that came twice/ })
})

test('a counter that is not there before the first span begins at 0', async () => expect((await looked(0, 7)).counted).toBe(7))

test('a restart: what came after the last look is how far it may be off', async () => {
  // 10 in 100 ms, then silence from the next look on: at most 10 more.
  expect(await looked(0, 10, undefined, undefined, 4, 8)).toMatchObject({ counted: 18, off: 10, why: /began at 0 again once/ })
  expect(await looked(0, 10, 4, 2)).toMatchObject({ counted: 16, off: 20, why: /2 times/ })
})

test('no metrics, none that count, and none at the end', async () => {
  expect(await looked(undefined)).toMatchObject({ counted: 0, doubt: 'has no metrics that count spans' })
  expect(await looked(0, 5, undefined)).toMatchObject({ counted: 5, doubt: 'gave no metrics at the end' })
  expect((await looked(0, 5)).doubt).toBeUndefined()
})

test('at a steady rate, what really came is never further away than it says', async () => {
  const life = fc.record({ looks: fc.integer({ min: 3, max: 8 }), uncounted: fc.integer({ min: 0, max: 10 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), async lives => {
      const shown: [number, number][] = []
      let came = 0
      for (const [index, { looks, uncounted }] of lives.entries()) {
        for (let look = index === 0 ? 0 : 1; look < looks; look++) shown.push([look * 10, look + (index === 0 ? 1 : 0) / 2])
        // After the last look, and lost with the process.
        came += (looks - 1) * 10 + (index < lives.length - 1 ? uncounted : 0)
      }
      const { counted, off } = await lookedAt(shown)
      expect(Math.abs(came - counted)).toBeLessThanOrEqual(off)
    }),
  )
})
