import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../../src/chaos/events.ts'
import { probeObserver } from '../../../src/chaos/probes/observer.ts'
import { wished, world } from './world.ts'

const FAULT = { kind: 'stop', on: 'primary' } as const

/** A run with one fault, told to the probes; `at` changes what they see at a second. */
async function run(lines: readonly string[], at: Readonly<Record<number, string>>, abortOn: readonly string[] = [], length = 12) {
  const it = world()
  it.scrape.text = at[0] ?? ''
  const observer = probeObserver(wished(...lines), abortOn, it.probing)
  const tell = async (event: object) => {
    const heard = observer.hear({ at_s: it.view.now(), ...event } as RunEvent, it.view)
    let done = false
    void Promise.resolve(heard).then(() => (done = true))
    for (let waited = 0; !done && waited < 600; waited++) await it.host.clock.advance(100)
    await heard
  }
  await tell({ kind: 'steady', reached: true })
  for (let second = 1; second <= length && !observer.abort?.aborted; second++) {
    it.scrape.text = at[second] ?? it.scrape.text
    if (second === 4) await tell({ kind: 'fault', fault: FAULT })
    if (second === 8) await tell({ kind: 'undone', fault: FAULT })
    await it.host.clock.advance(1000)
  }
  await tell({ kind: 'draining' })
  await tell({ kind: 'drained' })
  await observer.close?.()
  expect(it.host.clock.pending).toBe(0)
  return { checks: observer.checks?.() ?? [], aborted: observer.abort?.aborted ? String(observer.abort.reason) : undefined, it }
}

const x = (value: number) => `x ${value}`
const X = (tolerance: string, more = '') => `probe: metric, name: x, metric: x, tolerance: '${tolerance}'${more}`
const results = ({ checks }: Awaited<ReturnType<typeof run>>) => checks.map(({ name, result }) => `${name}: ${result}`)

describe('when a probe looks', () => {
  test.each<[more: string, at: Readonly<Record<number, string>>, expected: readonly string[]]>([
    ['', { 0: x(1) }, ['x (start): held', 'x (end): held']],
    ['', { 0: x(1), 5: x(9) }, ['x (start): held', 'x (end): deviated']],
    [', when: end', { 0: x(9), 5: x(1) }, ['x: held']],
    [', when: start', { 0: x(1), 5: x(9) }, ['x: held']],
    // Two looks in a row that fail are one too few.
    [', when: continuous', { 0: x(1), 5: x(9), 7: x(1) }, ['x: held']],
    [', when: continuous', { 0: x(1), 5: x(9), 8: x(1) }, ['x: deviated']],
    [', when: continuous, failure-threshold: 1', { 0: x(1), 5: x(9), 6: x(1) }, ['x: deviated']],
    [', when: on-chaos', { 0: x(9), 4: x(1), 8: x(9) }, ['x: held']],
    [', when: on-chaos', { 0: x(1), 4: x(9), 8: x(1) }, ['x: deviated']],
    [', when: end', { 0: '' }, ['x: unknown']],
  ])('%s %j', async (more, at, expected) => expect(results(await run([X('< 5', more)], at))).toEqual(expected))
})

test('a check says what was expected, seen, from what, and when', async () => {
  const { checks } = await run([X('< 5', ', when: continuous')], { 0: x(1), 3: x(2), 5: x(9), 9: x(1) })
  expect(checks).toEqual([
    {
      name: 'x',
      result: 'deviated',
      expected: 'x < 5',
      observed: '9, 3 looks in a row, and was as expected again later',
      evidence: 'x',
      at_s: expect.closeTo(5, 0),
      took_s: null,
    },
  ])
  const { checks: held } = await run([X('< 5', ', when: continuous')], { 0: x(1), 3: x(2) })
  expect(held[0]).toMatchObject({ result: 'held', observed: expect.stringMatching(/^1 to 2, \d+ looks$/) })
})

describe('what ends a run', () => {
  test('a probe that abort-on names and that fails', async () => {
    const { aborted } = await run([X('< 5', ', when: continuous')], { 0: x(1), 5: x(9) }, ['x'])
    expect(aborted).toBe('abort-on: x: 9, expected < 5')
  })

  test('one that cannot be seen any more', async () => {
    const { aborted } = await run([X('< 5', ', when: continuous')], { 0: x(1), 5: 'y 1' }, ['x'])
    expect(aborted).toBe('abort-on: x cannot be seen: no sample has this name and these labels')
  })

  test('no other one', async () => {
    const { aborted } = await run([X('< 5', ', when: continuous')], { 0: x(1), 5: x(9) })
    expect(aborted).toBeUndefined()
  })

  test('a hypothesis that does not hold at the start: all of its probes are looked at', async () => {
    const { aborted, checks } = await run(
      [X('< 5'), 'probe: metric, name: y, metric: y, tolerance: 0', X('> 0').replace('name: x', 'name: z')],
      {
        0: 'x 9\ny 1',
      },
    )
    expect(aborted).toBe('the steady-state hypothesis does not hold: x: 9, expected < 5; y: 1, expected == 0')
    expect(checks.slice(0, 3).map(({ result }) => result)).toEqual(['deviated', 'deviated', 'held'])
  })
})

test('a start waits for a probe that needs a while', async () => {
  const { checks, aborted } = await run([X('< 5')], { 0: x(1) })
  expect({ aborted, result: checks[0]?.result }).toEqual({ aborted: undefined, result: 'held' })
})
