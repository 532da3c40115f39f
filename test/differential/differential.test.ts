import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { compareAll, tell } from './compare.ts'
import { makeFolder } from './judges.ts'

// A long run: npm run differential -- --count 20000 --seed 7
const count = Number(process.env.DIFFERENTIAL_COUNT ?? 1200)
const seed = Number(process.env.DIFFERENTIAL_SEED ?? 20261121)

const tape = fc.array(fc.nat(99_999), { minLength: 160, maxLength: 160, size: 'max' })

test.skipIf(!(await hasGo()) && !process.env.CI)(
  `${count} configs: validate refuses what a real collector refuses, and nothing else`,
  async () => {
    const binary = await buildCollector()
    const { folder, remove } = await makeFolder()
    try {
      const tapes = fc.sample(fc.noBias(tape), { numRuns: count, seed })
      const tally = await compareAll(tapes, { binary, folder, most: Number(process.env.DIFFERENTIAL_MOST ?? 10) })
      const { tried, accepted, refused, skipped, disagreements } = tally
      const said = disagreements.map(({ found }) => tell(found)).join('\n==========\n')
      expect(said, `seed ${seed}; --seed ${seed} --count ${count} repeats it`).toBe('')
      // A generator that makes only good, or only bad, configs would show nothing.
      expect(Math.min(accepted, refused) / tried).toBeGreaterThan(0.2)
      console.log(
        `seed ${seed}: ${tried} configs, ${accepted} accepted, ${refused} refused, ${skipped} left to the machine, 0 disagreements`,
      )
    } finally {
      await remove()
    }
  },
  30 * 60_000,
)
