import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seeded } from '../../src/core/random.ts'
import { Breaker, type BreakerSettings, type BreakerState, type SavedBreaker } from '../../src/failover/breaker.ts'

const exact = { jitter: 0, openMs: 1000, growth: 2, maxOpenMs: 5000, failures: 3, successes: 2, trials: 1 }

/** Sends one request at `now` that ends at once; false when there was no leave for it. */
function send(breaker: Breaker, worked: boolean, now: number): boolean {
  const ticket = breaker.take(now)
  if (ticket !== 0) breaker.record(ticket, worked, now)
  return ticket !== 0
}

const failed = (breaker: Breaker, times: number, now: number) => {
  for (let i = 0; i < times; i++) send(breaker, false, now)
}

describe('a breaker', () => {
  test('opens after so many failures in a row, tries after the cool-down, and closes after so many successes', () => {
    const seen: BreakerState[] = []
    const breaker = new Breaker(exact, undefined, to => seen.push(to))
    failed(breaker, 2, 0)
    send(breaker, true, 0)
    failed(breaker, 3, 0)
    expect(breaker.state).toBe('open')
    expect([breaker.take(0), breaker.take(999), breaker.waitMs(400)]).toEqual([0, 0, 600])
    expect(send(breaker, true, 1000)).toBe(true)
    expect(send(breaker, true, 1000)).toBe(true)
    expect(seen).toEqual(['open', 'half-open', 'closed'])
  })

  test('opens by the share of failures, from so many calls on, and forgets what is older than the window', () => {
    const settings = { ...exact, failures: 1000, failureRate: 0.5, minimumCalls: 10, windowMs: 1000 }
    const slow = new Breaker(settings)
    for (let i = 0; i < 9; i++) send(slow, i % 2 === 0, 100)
    expect(slow.state).toBe('closed')
    send(slow, false, 100)
    expect(slow.state).toBe('open')

    const old = new Breaker(settings)
    for (let i = 0; i < 9; i++) send(old, false, 100)
    for (let i = 0; i < 9; i++) send(old, true, 3_600_000)
    send(old, false, 3_600_000)
    expect(old.state).toBe('closed')
  })

  test('stays open longer each time, up to a limit, and starts anew once it has worked for as long', () => {
    const breaker = new Breaker(exact)
    failed(breaker, 3, 0)
    const waits: number[] = []
    for (let now = 0; waits.length < 5; now += breaker.waitMs(now)) {
      if (breaker.waitMs(now) === 0) send(breaker, false, now)
      waits.push(breaker.waitMs(now))
    }
    expect(waits).toEqual([1000, 2000, 4000, 5000, 5000])

    breaker.rejoin(100_000)
    failed(breaker, 3, 100_000)
    expect(breaker.waitMs(100_000)).toBe(5000)
    breaker.rejoin(110_000)
    failed(breaker, 3, 115_001)
    expect(breaker.waitMs(115_001)).toBe(1000)
  })

  test('does not count an answer to a request that was sent before it opened', () => {
    const breaker = new Breaker(exact)
    const early = breaker.take(0)
    failed(breaker, 3, 0)
    const trial = breaker.take(1000)
    breaker.record(early, false, 1001)
    expect(breaker.state).toBe('half-open')
    breaker.record(early, true, 1001)
    breaker.record(trial, true, 1001)
    expect(breaker.state).toBe('half-open')
  })

  test('gives a trial up that never answers, so that it cannot hang half-open', () => {
    const breaker = new Breaker(exact)
    failed(breaker, 3, 0)
    expect(breaker.take(1000)).not.toBe(0)
    expect([breaker.take(1999), breaker.waitMs(1999)]).toEqual([0, 1])
    expect(breaker.take(2000)).not.toBe(0)
  })

  test('gives a released trial to the next request', () => {
    const breaker = new Breaker(exact)
    failed(breaker, 3, 0)
    breaker.release(breaker.take(1000))
    expect(breaker.take(1000)).not.toBe(0)
    expect(breaker.take(1000)).toBe(0)
  })

  test('is isolated by hand until it is let back', () => {
    const breaker = new Breaker(exact)
    breaker.isolate()
    expect([breaker.take(1e12), breaker.waitMs(1e12)]).toEqual([0, Number.POSITIVE_INFINITY])
    breaker.rejoin(1e12)
    expect(breaker.take(1e12)).not.toBe(0)
  })

  test.each([
    ['at once', 0, 600],
    ['after a while', 500, 100],
    ['after the cool-down', 5000, 0],
    ['by a wall clock that was set back', -3_600_000, 600],
  ])('saved and restored %s, it waits for what is left', (_, elapsedMs, left) => {
    const breaker = new Breaker(exact)
    failed(breaker, 3, 0)
    const restored = new Breaker(exact)
    restored.restore(JSON.parse(JSON.stringify(breaker.save(400))), 77, elapsedMs)
    expect([restored.state, restored.waitMs(77)]).toEqual(['open', left])
    expect(restored.take(77 + left)).not.toBe(0)
  })

  test('closes by trials that work, also when each is answered after its time is over', () => {
    const breaker = new Breaker(exact)
    for (let now = 0; now < 3; now++) send(breaker, false, now)
    const first = breaker.take(1002)
    const second = breaker.take(2002)
    expect([first, second].every(ticket => ticket > 0)).toBe(true)
    breaker.record(first, true, 2500)
    // Its place has gone to the second one, which is still out.
    expect([breaker.state, breaker.take(2500)]).toEqual(['half-open', 0])
    const third = breaker.take(3002)
    breaker.record(second, true, 3500)
    expect(breaker.state).toBe('closed')
    breaker.record(third, false, 4000)
    expect(breaker.state).toBe('closed')
  })

  test.each([
    ['no time that is left', { state: 'open', openings: 1 }, 0],
    ['no openings', { state: 'open', remainingMs: 900 }, 0],
    ['no time of saving', { state: 'open', remainingMs: 900, openings: 1 }, Number.NaN],
  ])('saved with %s, as by another version, it opens and is tried again all the same', (_, saved, elapsedMs) => {
    const restored = new Breaker(exact)
    restored.restore(saved as SavedBreaker, 77, elapsedMs)
    // Never NaN, which no time is after.
    expect([restored.state, restored.waitMs(77 + 900)]).toEqual(['open', 0])
    restored.record(restored.take(77 + 900), false, 2000)
    expect(restored.waitMs(2000)).toBeGreaterThan(0)
  })

  test('cuts the cool-down by chance, never stretches it', () => {
    const random = seeded(3)
    const waits = Array.from({ length: 200 }, () => {
      const breaker = new Breaker({ ...exact, jitter: 0.2 }, random)
      failed(breaker, 3, 0)
      return breaker.waitMs(0)
    })
    expect(Math.max(...waits)).toBeLessThanOrEqual(1000)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(800)
    expect(new Set(waits).size).toBeGreaterThan(100)
  })
})

describe('whatever happens to a breaker', () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('take' as const) }) },
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('end' as const),
          which: fc.nat(20),
          how: fc.constantFrom('works', 'fails', 'gone'),
        }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(3000) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('isolate' as const, 'rejoin' as const) }) },
    ),
    { minLength: 30, maxLength: 200, size: 'max' },
  )
  const settings = fc.record({
    failures: fc.integer({ min: 1, max: 4 }),
    successes: fc.integer({ min: 1, max: 4 }),
    trials: fc.integer({ min: 1, max: 3 }),
    openMs: fc.integer({ min: 1, max: 2000 }),
    growth: fc.constantFrom(1, 2, 3),
    jitter: fc.constantFrom(0, 0.3),
  })

  type Moves = typeof steps extends fc.Arbitrary<infer T> ? T : never

  /** Plays the steps, and tells every state with the time it began. */
  function play(own: Partial<BreakerSettings>, moves: Moves, check: (run: Run) => void) {
    const run: Run = { now: 0, state: 'closed', since: 0, out: [], breaker: undefined as never, took: undefined }
    run.breaker = new Breaker({ ...own, maxOpenMs: 4000 }, seeded(1), to =>
      Object.assign(run, { state: to, since: run.now, out: [] }),
    )
    for (const move of moves) {
      run.took = undefined
      if (move.do === 'wait') run.now += move.ms
      if (move.do === 'isolate') run.breaker.isolate()
      if (move.do === 'rejoin') run.breaker.rejoin(run.now)
      if (move.do === 'take') {
        const ticket = run.breaker.take(run.now)
        run.took = ticket !== 0
        if (ticket) run.out.push({ ticket, at: run.now })
      }
      const [ended] = move.do === 'end' ? run.out.splice(move.which % Math.max(1, run.out.length), 1) : []
      if (ended && move.do === 'end') {
        if (move.how === 'gone') run.breaker.release(ended.ticket)
        else run.breaker.record(ended.ticket, move.how === 'works', run.now)
      }
      check(run)
    }
  }
  interface Run {
    now: number
    state: BreakerState
    since: number
    /** Taken in this state and without an end. */
    out: { ticket: number; at: number }[]
    breaker: Breaker
    took: boolean | undefined
  }
  const always = (check: (run: Run, own: Partial<BreakerSettings>) => void) =>
    fc.assert(
      fc.property(settings, steps, (own, moves) => play(own, moves, run => check(run, own))),
      { seed: 9, numRuns: 500 },
    )

  test('no request is let through while it is open or isolated', () => {
    let refused = 0
    always(({ state, took }) => {
      expect(took && (state === 'open' || state === 'isolated')).toBeFalsy()
      if (took === false) refused++
    })
    expect(refused).toBeGreaterThan(1000)
  })

  test('the trials of a half-open one are bounded', () => {
    let full = 0
    always(({ state, out, now, breaker }, { trials = 1, openMs = 1 }) => {
      if (state !== 'half-open') return
      const waiting = out.filter(({ at }) => now - at < openMs * 0.7)
      expect(waiting.length).toBeLessThanOrEqual(trials)
      if (waiting.length === trials && breaker.waitMs(now) > 0) full++
    })
    expect(full).toBeGreaterThan(100)
  })

  test('it is never open for longer than its limit, and then lets a trial through', () => {
    always(({ state, since, now, breaker }) => {
      if (state !== 'open') return
      expect(breaker.availableAt - since).toBeLessThanOrEqual(4000)
      expect(now < breaker.availableAt ? breaker.waitMs(now) > 0 : breaker.waitMs(now) === 0).toBe(true)
    })
  })

  test('it opens only by a failure', () => {
    let before: BreakerState = 'closed'
    fc.assert(
      fc.property(settings, steps, (own, moves) => {
        const working = moves.map(move => (move.do === 'end' ? { ...move, how: 'works' as const } : move))
        play(own, working, ({ state }) => {
          before = state
          expect(before).not.toBe('open')
        })
      }),
      { seed: 9, numRuns: 200 },
    )
  })
})
