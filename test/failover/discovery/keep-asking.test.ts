import { expect, test } from 'vitest'
import { sleep, VirtualClock } from '../../../src/core/clock.ts'
import { keepAsking } from '../../../src/failover/discovery/keep-asking.ts'

/** When it asked, in seconds, of asks that each fail after so long. */
async function asked(lastsMs: number, forMs: number): Promise<number[]> {
  const clock = new VirtualClock()
  const stop = new AbortController()
  const at: number[] = []
  const ask = async () => {
    at.push(clock.now() / 1000)
    await sleep(clock, lastsMs, stop.signal)
    throw new Error('cut off')
  }
  const run = keepAsking(ask, { found() {}, failed() {} }, { clock, random: () => 1 }, stop.signal)
  await clock.advance(forMs)
  stop.abort()
  await run
  return at
}

const gaps = (at: readonly number[]) => at.slice(1).map((one, i) => one - at[i]!)

test('one that fails at once is left alone longer each time', async () => {
  const waits = gaps(await asked(0, 100_000))
  expect(waits.length).toBeGreaterThan(4)
  expect(waits).toEqual(waits.toSorted((a, b) => a - b))
  expect(waits.at(-1)).toBeGreaterThan(8 * waits[0]!)
})

test('a watch that is cut off each minute is begun again soon each time', async () => {
  const waits = gaps(await asked(60_000, 900_000))
  expect(waits.length).toBeGreaterThan(10)
  for (const wait of waits) expect(wait - 60).toBeLessThanOrEqual(2)
})
