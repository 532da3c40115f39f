import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { WishedFault } from '../../src/experiment/wish.ts'
import type { LevelChange } from '../../src/model/outcome.ts'
import { runOnce } from '../../src/simulate/run.ts'
import type { Trace } from '../integration/record-trace.ts'
import { setup } from './configs.ts'

const folder = fileURLToPath(new URL('../../fixtures/traces/', import.meta.url))
const traces = readdirSync(folder)
  .filter(name => name.endsWith('.json'))
  .map(name => [name.replace('.json', ''), JSON.parse(readFileSync(folder + name, 'utf8')) as Trace] as const)

/** How far apart a computed and a measured time may lie: a tenth, or a tenth of a second. Seconds. */
const near = (measured: number) => Math.max(0.1, measured / 10)

/** Spans in so much time: a loss lasts for as long as something does, and that time is right within the same bounds. */
const nearSpans = (measured: number, rate: number) => Math.max(0.1 * rate + 1, measured / 10)

const SECOND = 1000

function compute(trace: Trace) {
  const faults = trace.faults.map(({ fault, target, at, until, status }): WishedFault => {
    const said = `${fault} ${target}`
    if (fault === 'crash') return { action: 'crash', who: target, said, atMs: at * SECOND, downMs: (until - at) * SECOND }
    const action = fault === 'answer' ? 'reject' : fault
    return { action, who: target, said, atMs: at * SECOND, untilMs: until * SECOND, status }
  })
  const config = trace.config.replaceAll('PRIMARY', 'http://primary:4318').replaceAll('SECONDARY', 'http://secondary:4318')
  const { graph, failover, scenario } = setup(
    config,
    {
      faults,
      traffic: trace.rate,
      spansPerRequest: 1,
      durationMs: trace.duration * SECOND,
      drainWithinMs: trace.drain * SECOND,
      senderTimeoutMs: trace.sender_timeout * SECOND,
    },
    '0.161.0',
  )
  return runOnce(graph, failover, scenario).measured
}

/** A level that is left within two scrapes may not have been seen. */
function seen(levels: readonly LevelChange[]): (readonly [number, number])[] {
  const kept = levels.filter(({ at_s }, index) => (levels[index + 1]?.at_s ?? Number.POSITIVE_INFINITY) - at_s > 0.05)
  return kept.filter(({ level }, index) => level !== kept[index - 1]?.level).map(({ at_s, level }) => [at_s, level] as const)
}

describe('the model does what a real collector did', () => {
  test('there is something to compare', () => expect(traces.length).toBeGreaterThan(20))

  test.each(traces)('%s', (_, trace) => {
    const { levels, ledger } = compute(trace)
    const { observed, rate } = trace
    const computed = seen(levels)
    const measured = seen(observed.levels.map(([at_s, level]) => ({ at_s, level, connector: '', evidence: '' })))
    expect(computed.map(([, level]) => level)).toEqual(measured.map(([, level]) => level))
    for (const [index, [at]] of measured.entries()) {
      const since = trace.faults.findLast(fault => fault.at <= at)?.at ?? 0
      expect(
        Math.abs((computed[index]?.[0] ?? 0) - at),
        `change ${index}: computed ${computed}, measured ${measured}`,
      ).toBeLessThanOrEqual(near(at - since))
    }
    const counts = { ...ledger, ...ledger.delivered }
    const wanted = { ...observed, ...observed.delivered }
    for (const key of [
      'sent',
      'acknowledged',
      'refused',
      'unknown',
      'lost',
      'duplicated',
      ...Object.keys(observed.delivered),
    ] as const) {
      const [own, real] = [counts[key as 'sent'] ?? 0, wanted[key as 'sent']]
      const text = `${key}: computed ${own}, measured ${real}`
      if (real === 0 && key !== 'unknown') expect(own, text).toBe(0)
      else expect(Math.abs(own - real), text).toBeLessThanOrEqual(nearSpans(real, rate))
    }
  })
})
