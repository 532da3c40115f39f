import { expect, test } from 'vitest'
import { LevelProbe } from '../../src/chaos/probes/level.ts'
import { VirtualClock } from '../../src/core/clock.ts'

const SAMPLE = { name: 'up', labels: {}, value: 1 }

/** What is told of metrics that answer (or not) at these instants, in milliseconds. */
async function told(answers: readonly (readonly [at: number, isThere: boolean])[]): Promise<string[]> {
  const clock = new VirtualClock()
  let isThere = true
  const probe = new LevelProbe(
    undefined,
    { scrape: async () => (isThere ? [SAMPLE] : Promise.reject(new Error('refused'))) },
    clock,
  )
  for (const [at, there] of answers) {
    await clock.advance(at - clock.now())
    isThere = there
    await probe.scrape()
  }
  return probe.silences(0)
}

test.each<[what: string, answers: [number, boolean][], notes: string[]]>([
  [
    'always there',
    [
      [0, true],
      [5000, true],
    ],
    [],
  ],
  [
    'gone for a moment',
    [
      [0, true],
      [100, false],
      [900, true],
    ],
    [],
  ],
  [
    'gone for a while',
    [
      [0, true],
      [1000, false],
      [3000, false],
      [9500, true],
    ],
    ['the metrics were silent from 1 s to 9.5 s: the level of that time is not known'],
  ],
  [
    'gone to the end',
    [
      [0, true],
      [2000, false],
    ],
    ['the metrics were silent from 2 s to the end: the level of that time is not known'],
  ],
])('metrics that are %s', async (_, answers, notes) => {
  expect(await told(answers)).toEqual(notes)
})
