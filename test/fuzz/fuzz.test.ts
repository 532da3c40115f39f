import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NEWEST } from '../../src/collector/versions.ts'
import { FailoverctlError } from '../../src/core/errors.ts'
import { checkConfig } from '../../src/validate/check.ts'
import { fakeHost } from '../fake-host.ts'
import { input, LARGE } from './inputs.ts'

// A long run: npm run fuzz -- --count 100000 --seed 7
const count = Number(process.env.FUZZ_COUNT ?? 4000)
const seed = Number(process.env.FUZZ_SEED ?? 20261121)
/** A hang, not slowness: a busy machine must not fail a test. `npm run fuzz` holds the inputs to 1 s. */
const LIMIT_MS = process.env.FUZZ_COUNT ? 1000 : 15_000

// Time of the processor: other tests run beside this one.
function since(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

/** What one input came to: findings, each with a place in the file, or an error with a code. Anything else is thrown. */
async function outcomeOf(data: Uint8Array): Promise<{ error: string | undefined; findings: number; ms: number }> {
  const host = fakeHost({ files: { 'a.yaml': data }, env: { A: 'b', X: '[1, 2]' } })
  const start = process.cpuUsage()
  try {
    const { findings, texts } = await checkConfig(['a.yaml'], NEWEST, host)
    const ms = since(start)
    const lines = (texts.get('a.yaml') ?? '').split(/\r\n|\r|\n/).length
    for (const { at, rule } of findings) {
      const isPlace = at.file === 'a.yaml' && at.line >= 1 && at.line <= lines && at.column >= 1 && at.length >= 1
      if (!isPlace) throw new Error(`${rule} is at no place of the file: ${JSON.stringify(at)}`)
    }
    return { error: undefined, findings: findings.length, ms }
  } catch (error) {
    if (!(error instanceof FailoverctlError) || error.code === 'bug') throw error
    if (error.code === 'not-yaml' && !/^a\.yaml:\d+:\d+: /.test(error.message)) throw new Error(`no place: ${error.message}`)
    return { error: error.code, findings: 0, ms: since(start) }
  }
}

test(
  `${count} inputs without sense: findings or an error, each with a place, and none takes a second`,
  async () => {
    const errors = new Map<string, number>()
    const tally = { findings: 0, read: 0, slowest: 0 }
    await fc.assert(
      fc.asyncProperty(input, async data => {
        const { error, findings, ms } = await outcomeOf(data)
        expect(ms).toBeLessThan(LIMIT_MS)
        if (error) errors.set(error, (errors.get(error) ?? 0) + 1)
        else tally.read++
        tally.findings += findings
        tally.slowest = Math.max(tally.slowest, ms)
      }),
      { numRuns: count, seed },
    )
    // Inputs that all end at the first byte would prove nothing about the rules.
    expect(tally.read / count).toBeGreaterThan(0.1)
    expect(tally.findings).toBeGreaterThan(count)
    console.log(
      `seed ${seed}: ${count} inputs, ${tally.read} read with ${tally.findings} findings, slowest ${tally.slowest.toFixed(0)} ms`,
      errors,
    )
  },
  60 * 60_000,
)

describe('files near 4 MiB', () => {
  test.each([...LARGE])('%s', async (_, make) => {
    // The better of two: the first one is also compiled.
    const data = make()
    const [first, second] = [await outcomeOf(data), await outcomeOf(data)]
    expect(Math.min(first.ms, second.ms)).toBeLessThan(LIMIT_MS)
  })
})
