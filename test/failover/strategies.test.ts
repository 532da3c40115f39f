import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seeded } from '../../src/core/random.ts'
import { activePassive } from '../../src/failover/strategies/active-passive.ts'
import { consistentHash } from '../../src/failover/strategies/consistent-hash.ts'
import { custom } from '../../src/failover/strategies/custom.ts'
import { geographic } from '../../src/failover/strategies/geographic.ts'
import { healthBased } from '../../src/failover/strategies/health-based.ts'
import { STRATEGIES, strategyNamed } from '../../src/failover/strategies/index.ts'
import { leastConnections } from '../../src/failover/strategies/least-connections.ts'
import { randomly } from '../../src/failover/strategies/random.ts'
import { roundRobin } from '../../src/failover/strategies/round-robin.ts'
import { weighted } from '../../src/failover/strategies/weighted.ts'
import { abc, numbered, poolOf } from './pool-of.ts'

type PoolOf = ReturnType<typeof poolOf>
const picks = (of: PoolOf, n: number) => Array.from({ length: n }, () => of.send())

function shares(of: PoolOf, n: number): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const id of picks(of, n)) counts[id ?? 'none'] = (counts[id ?? 'none'] ?? 0) + 1
  return counts
}

test('every strategy has its file and its name', () => {
  const files = readdirSync(new URL('../../src/failover/strategies', import.meta.url)).map(name => name.replace('.ts', ''))
  expect([...STRATEGIES.keys(), 'custom', 'index'].sort()).toEqual(files.sort())
  for (const [name, make] of STRATEGIES) expect(make({}).name).toBe(name)
})

test('an unknown strategy is told, with the one that was meant', () => {
  expect(() => strategyNamed('round-robbin')).toThrow(
    expect.objectContaining({ code: 'wrong-use', hint: 'Did you mean round-robin?' }),
  )
  expect(() => strategyNamed('constructor')).toThrow(expect.objectContaining({ code: 'wrong-use' }))
})

describe.each([...STRATEGIES])('%s', (_, make) => {
  test('takes none of no endpoints, and the only one of one', () => {
    expect(poolOf(make({}), []).send()).toBeUndefined()
    expect(picks(poolOf(make({}), ['http://one']), 5)).toEqual(Array(5).fill('http://one'))
  })

  test('never takes an endpoint that may not be used, as long as there is another', () => {
    const down = new Set(['e1', 'e3', 'e4'])
    const of = poolOf(make({}), numbered(6))
    for (const id of down) of.check(id, false)
    expect(picks(of, 500).filter(id => id === undefined || down.has(id))).toEqual([])
  })

  test('avoids what has failed this request', () => {
    const of = poolOf(make({}), abc)
    for (let i = 0; i < 100; i++) {
      const first = of.pool.pick({}, 0)!
      const second = of.pool.pick({ tried: [first.member] }, 0)!
      const third = of.pool.pick({ tried: [first.member, second.member] }, 0)!
      expect(new Set([first, second, third].map(({ member }) => member)).size).toBe(3)
      expect(of.pool.pick({ tried: [first.member, second.member, third.member] }, 0)).toBeUndefined()
      for (const lease of [first, second, third]) of.pool.release(lease, 0)
    }
  })

  test('takes no endpoint of a lower priority while a higher one is well', () => {
    const of = poolOf(make({}), [
      { id: 'spare', url: 'http://spare', priority: 1 },
      { id: 'main', url: 'http://main', priority: 0 },
    ])
    expect(new Set(picks(of, 50))).toEqual(new Set(['main']))
    of.check('main', false)
    expect(new Set(picks(of, 50))).toEqual(new Set(['spare']))
  })

  test('gives no work to weight 0', () => {
    const of = poolOf(make({}), [{ id: 'drained', url: 'http://drained', weight: 0 }, ...abc])
    expect(picks(of, 200)).not.toContain('drained')
    of.set([{ id: 'drained', url: 'http://drained', weight: 0 }])
    expect([of.send(), of.pool.whyNone(0).code]).toEqual([undefined, 'NO_ENDPOINTS'])
  })
})

test('round-robin takes one after the other, and skips what is out', () => {
  const of = poolOf(roundRobin(), abc)
  expect(picks(of, 4)).toEqual(['a', 'b', 'c', 'a'])
  of.check('c', false)
  expect(picks(of, 3)).toEqual(['b', 'a', 'b'])
})

test('weighted spreads the heavy one evenly', () => {
  const of = poolOf(weighted(), [{ ...abc[0]!, weight: 5 }, abc[1]!, abc[2]!])
  expect(picks(of, 7).join('')).toBe('aabacaa')
})

test('weights are kept within 1 % over 100,000 picks, whatever they are', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 8 }), weights => {
      const of = poolOf(
        weighted(),
        numbered(weights.length).map((one, i) => ({ ...one, weight: weights[i]! })),
      )
      const counts = shares(of, 100_000)
      const total = weights.reduce((a, b) => a + b)
      for (const [i, weight] of weights.entries()) {
        expect(Math.abs((counts[`e${i}`] ?? 0) / 100_000 / (weight / total) - 1)).toBeLessThan(0.01)
      }
    }),
    { seed: 4, numRuns: 8 },
  )
})

test('random is fair, and to those that are left when some are out', () => {
  const of = poolOf(randomly(), numbered(5))
  for (const count of Object.values(shares(of, 50_000))) expect(Math.abs(count - 10_000)).toBeLessThan(400)
  of.check('e1', false)
  for (const count of Object.values(shares(of, 40_000))) expect(Math.abs(count - 10_000)).toBeLessThan(400)
})

test.each([
  ['round-robin', roundRobin(), 'abcabc'],
  ['weighted', weighted(), 'abcabc'],
])(
  '%s goes on where it was when the same endpoints are told again, between all requests and with another health',
  (_, strategy, order) => {
    const of = poolOf(strategy, abc)
    const chosen = Array.from({ length: 6 }, (_, i) => {
      of.set(abc.map(one => ({ ...one, health: i % 2 === 0 ? 'healthy' : 'degraded' })))
      return of.send()
    })
    expect(chosen.join('')).toBe(order)
  },
)

describe('least-connections', () => {
  test('keeps two choices nearly even while requests stay open', () => {
    const of = poolOf(leastConnections(), numbered(10))
    for (let i = 0; i < 1000; i++) of.pool.pick({}, 0)
    const open = of.pool.members.map(({ inFlight }) => inFlight)
    expect(Math.max(...open) - Math.min(...open)).toBeLessThanOrEqual(8)
    expect(open.reduce((a, b) => a + b)).toBe(1000)
  })

  test('gives an endpoint of twice the weight twice the open requests', () => {
    const of = poolOf(leastConnections(), [{ ...abc[0]!, weight: 2 }, abc[1]!])
    for (let i = 0; i < 300; i++) of.pool.pick({}, 0)
    expect(of.pool.members.map(({ inFlight }) => inFlight)).toEqual([200, 100])
  })

  test('takes the faster of two that are equally loaded', () => {
    const of = poolOf(leastConnections(), [abc[0]!, abc[1]!])
    for (const [id, ms] of [
      ['a', 80],
      ['b', 5],
    ] as const) {
      const member = of.pool.find(id)!
      member.end(member.take(0), undefined, 0, ms)
    }
    expect(new Set(picks(of, 20))).toEqual(new Set(['b']))
  })
})

describe('health-based', () => {
  test('takes healthy before unknown before degraded', () => {
    const of = poolOf(healthBased(), abc)
    of.check('a', true, 1)
    of.check('b', false, 1)
    const orderOf = () => {
      const first = new Set(picks(of, 20))
      for (const id of first) of.check(id as string, false)
      return [...first]
    }
    expect([...orderOf(), ...orderOf(), ...orderOf()]).toEqual(['a', 'c', 'b'])
  })

  test('gives less to an endpoint that fails now and then', () => {
    const of = poolOf(healthBased(), numbered(4), { breaker: { failures: 1000, failureRate: 2 } })
    for (const { endpoint } of of.pool.members) of.check(endpoint.id, true)
    const sent = { sick: 0, others: 0 }
    const chance = seeded(5)
    for (let i = 0; i < 4000; i++) {
      of.send(id => {
        sent[id === 'e0' ? 'sick' : 'others']++
        return id !== 'e0' || chance() < 0.5
      })
    }
    expect(sent.sick).toBeLessThan(sent.others / 6)
    expect(sent.sick).toBeGreaterThan(50)
  })
})

describe('consistent-hash', () => {
  const keys = Array.from({ length: 5000 }, (_, i) => `trace-${i}`)
  const placed = (of: PoolOf) => new Map(keys.map(key => [key, of.send(true, { key })]))

  test.each([5, 10, 20])('of %i endpoints, one that goes or comes moves its own keys and no others', n => {
    const of = poolOf(consistentHash(), numbered(n))
    const before = placed(of)
    expect(placed(of)).toEqual(before)
    of.set(numbered(n - 1))
    const after = placed(of)
    const moved = keys.filter(key => before.get(key) !== after.get(key))
    expect(moved.filter(key => before.get(key) !== `e${n - 1}`)).toEqual([])
    expect(moved.length / keys.length).toBeLessThan(1.5 / n)
    expect(moved.length / keys.length).toBeGreaterThan(0.5 / n)
    of.set(numbered(n))
    expect(placed(of)).toEqual(before)
  })

  test('an endpoint that is out moves its own keys and no others, and they come back', () => {
    const of = poolOf(consistentHash(), numbered(8))
    const before = placed(of)
    of.check('e3', false)
    const out = placed(of)
    expect(keys.filter(key => before.get(key) !== out.get(key) && before.get(key) !== 'e3')).toEqual([])
    expect([...out.values()]).not.toContain('e3')
    of.check('e3', true)
    expect(placed(of)).toEqual(before)
  })

  test('gives weights their share of the keys', () => {
    const of = poolOf(consistentHash(), [
      { ...abc[0]!, weight: 300 },
      { ...abc[1]!, weight: 100 },
    ])
    const a = [...placed(of).values()].filter(id => id === 'a').length / keys.length
    expect(Math.abs(a - 0.75)).toBeLessThan(0.06)
  })

  test('bounds the load of an endpoint that a hot key hits', () => {
    const of = poolOf(consistentHash({ loadBound: 1.25 }), numbered(10))
    for (let i = 0; i < 1000; i++) {
      of.pool.pick({ key: 'hot' }, 0)
      const most = Math.max(...of.pool.members.map(({ inFlight }) => inFlight))
      expect(most).toBeLessThanOrEqual(Math.ceil((1.25 * (i + 1)) / 10))
    }
    const unbound = poolOf(consistentHash({ loadBound: Number.POSITIVE_INFINITY }), numbered(10))
    for (let i = 0; i < 100; i++) unbound.pool.pick({ key: 'hot' }, 0)
    expect(Math.max(...unbound.pool.members.map(({ inFlight }) => inFlight))).toBe(100)
  })
})

describe('geographic', () => {
  const world = [
    { id: 'us', url: 'http://us', region: 'us' },
    { id: 'ap', url: 'http://ap', region: 'ap' },
    { id: 'eu-b', url: 'http://eu-b', region: 'eu', zone: 'b' },
    { id: 'eu-a', url: 'http://eu-a', region: 'eu', zone: 'a' },
    { id: 'nowhere', url: 'http://nowhere' },
  ]
  test('takes its own zone, its own region, then the others by order', () => {
    const of = poolOf(geographic({ region: 'eu', zone: 'a', regions: ['ap', 'us'] }), world)
    const order = world.map(() => {
      const id = of.send()!
      of.check(id, false)
      return id
    })
    expect(order).toEqual(['eu-a', 'eu-b', 'ap', 'us', 'nowhere'])
  })

  test('takes the region that a request comes from, and its own for one that nobody is in', () => {
    const of = poolOf(geographic({ region: 'eu', zone: 'a' }), world)
    expect(['us', 'ap', 'mars', undefined].map(region => of.send(true, region ? { region } : {}))).toEqual([
      'us',
      'ap',
      'eu-a',
      'eu-a',
    ])
  })
})

test('custom is given what is free, and what it returns besides that is no choice', () => {
  const seen: string[][] = []
  const slowest = custom(candidates => {
    seen.push(candidates.map(({ endpoint }) => endpoint.id))
    return candidates.at(-1)
  })
  const of = poolOf(slowest, abc)
  of.check('b', false)
  expect([of.send(), seen]).toEqual(['c', [['a', 'c']]])
  expect(
    poolOf(
      custom(([one]) => one && { ...one }),
      abc,
    ).send(),
  ).toBeUndefined()
})

describe('active-passive', () => {
  test('is sticky: it goes back only once the better one has been well for so long', () => {
    const of = poolOf(activePassive(), abc, { failBackMs: 1000 })
    const at = (now: number) => {
      of.time.now = now
      return of.send()
    }
    of.check('a', false)
    expect(at(0)).toBe('b')
    of.time.now = 500
    of.check('a', true)
    expect([at(500), at(1499), at(1500), at(2000)]).toEqual(['b', 'b', 'a', 'a'])
    expect(of.types().filter(type => /fail/.test(type))).toEqual(['failover', 'fail-back'])
  })

  test('an endpoint that flaps each second is used once, then left alone', () => {
    const of = poolOf(activePassive(), abc, { failBackMs: 30_000 })
    const used: string[] = []
    for (let second = 0; second < 600; second++) {
      of.time.now = second * 1000
      of.check('a', second % 2 === 1, 3)
      used.push(of.send()!)
    }
    expect(new Set(used.slice(1))).toEqual(new Set(['b']))
    expect(of.events.latest().filter(({ type }) => type === 'failover')).toHaveLength(1)
  })

  test('the breaker of a better one gets its trials, one at a time, and the work only after the hold-down', () => {
    const of = poolOf(activePassive(), abc, { failBackMs: 1000, breaker: { jitter: 0, failures: 1, openMs: 500, successes: 2 } })
    of.send(false)
    expect([of.send(), of.send()]).toEqual(['b', 'b'])
    of.time.now = 500
    const trial = of.pool.pick({}, 500)!
    expect([trial.endpoint.id, of.send()]).toEqual(['a', 'b'])
    of.pool.end(trial, undefined, 500)
    expect([of.send(), of.send()]).toEqual(['a', 'b'])
    of.time.now = 1499
    expect(of.send()).toBe('b')
    of.time.now = 1500
    expect(of.send()).toBe('a')
  })

  test('goes to a better one at once when its own fails', () => {
    const of = poolOf(activePassive(), abc, { failBackMs: 60_000 })
    of.check('a', false)
    of.send()
    of.check('a', true)
    of.check('b', false)
    expect(of.send()).toBe('a')
  })

  test('stays where it is when the set changes', () => {
    const of = poolOf(activePassive(), abc, { failBackMs: 60_000 })
    of.check('a', false)
    of.send()
    of.check('a', true)
    of.set([{ id: 'new', url: 'http://new', priority: 7 }, ...abc])
    expect(of.send()).toBe('b')
  })
})

test('whatever fails and comes back, sticky fail-back holds and no request goes where it may not', () => {
  const move = fc.oneof(
    fc.record({ do: fc.constant('wait' as const), ms: fc.nat(800) }),
    fc.record({ do: fc.constant('check' as const), id: fc.constantFrom('a', 'b', 'c'), ok: fc.boolean() }),
    fc.record({ do: fc.constant('send' as const), ok: fc.boolean() }),
  )
  let backs = 0
  fc.assert(
    fc.property(fc.array(move, { minLength: 60, maxLength: 200, size: 'max' }), moves => {
      const of = poolOf(activePassive(), abc, {
        failBackMs: 1000,
        panic: false,
        breaker: { failures: 2, openMs: 700, successes: 1 },
      })
      for (const step of moves) {
        if (step.do === 'wait') of.time.now += step.ms
        if (step.do === 'check') of.check(step.id, step.ok)
        if (step.do !== 'send') continue
        const before = of.events.latest().length
        const free = of.pool.members.filter(({ availableAt }) => of.time.now >= availableAt).map(({ endpoint }) => endpoint.id)
        const steady = of.pool.members.filter(m => of.time.now - m.steadySince >= 1000).map(({ endpoint }) => endpoint.id)
        const current = of.pool.view().find(one => one.current)!
        const id = of.send(step.ok)
        if (free.length === 0) expect(id).toBeUndefined()
        else expect(free).toContain(id)
        for (const event of of.events.latest().slice(before)) {
          if (event.type !== 'fail-back' || !free.includes(current.endpoint.id)) continue
          backs++
          expect(steady).toContain(event.to[0])
        }
      }
    }),
    { seed: 11, numRuns: 300 },
  )
  expect(backs).toBeGreaterThan(100)
})

test('geographic goes by the zone alone where nobody knows a region', () => {
  const given = [
    { id: 'far', url: 'http://far', zone: 'z2' },
    { id: 'near', url: 'http://near', zone: 'z1' },
  ]
  const { send } = poolOf(strategyNamed('geographic', { zone: 'z1' }), given)
  expect([send(), send()]).toEqual(['near', 'near'])
})
