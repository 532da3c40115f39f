import { expect, test } from 'vitest'
import { seeded } from '../../src/core/random.ts'
import { engineChoice, SENDER_STRATEGIES } from '../../src/failover/choice.ts'
import { parseTarget } from '../../src/failover/endpoint.ts'
import type { Verdict } from '../../src/otlp/reply.ts'

const accepted: Verdict = { kind: 'accepted', rejected: 0 }
const down: Verdict = { kind: 'try-later', reason: 'connection refused', afterMs: undefined, notSent: true }
const targets = (...texts: string[]) => texts.map(parseTarget)

test.each(SENDER_STRATEGIES)('%s offers a request to every endpoint once, and ends', strategy => {
  const choice = engineChoice(targets('a', 'b', 'a'), strategy, seeded(1))
  const tried: number[] = []
  for (let place = choice.choose(tried, 0); place !== undefined; place = choice.choose(tried, 0)) {
    choice.record(place, down, 0)
    tried.push(place)
  }
  expect([...tried].sort()).toEqual([0, 1, 2])
})

test('goes by the settings behind an address', () => {
  const choice = engineChoice(targets('localhost:4317;weight=3', 'localhost:4318'), 'weighted', seeded(1))
  const places = Array.from({ length: 8 }, () => {
    const place = choice.choose([], 0)!
    choice.record(place, accepted, 0)
    return place
  })
  expect(places.filter(place => place === 0)).toHaveLength(6)
  const priority = engineChoice(targets('a;priority=2', 'b;priority=1'), 'active-passive', seeded(1))
  expect(priority.choose([], 0)).toBe(1)
})

test('leaves an endpoint alone that fails again and again, and asks it anew later', () => {
  const choice = engineChoice(targets('a', 'b'), 'active-passive', seeded(1))
  for (let i = 0; i < 5; i++) choice.record(choice.choose([], i)!, down, i)
  expect(choice.choose([], 10)).toBe(1)
  expect(choice.choose([], 10_000)).toBe(0)
})

test('requests of one key stay together, and only those of an endpoint that is out move', () => {
  const choice = engineChoice(targets('a', 'b', 'c'), 'consistent-hash', seeded(1))
  const place = (key: string, tried: number[] = []) => {
    const chosen = choice.choose(tried, 0, key)!
    choice.record(chosen, accepted, 0)
    return chosen
  }
  const keys = Array.from({ length: 300 }, (_, n) => `trace-${n}`)
  const places = keys.map(key => place(key))
  expect(new Set(places)).toEqual(new Set([0, 1, 2]))
  expect(keys.map(key => place(key))).toEqual(places)
  expect(new Set(Array.from({ length: 50 }, () => choice.choose([], 0, 'busy'))).size).toBe(1)
  expect(keys.map((key, n) => places[n] !== 0 && place(key, [0]) !== places[n])).not.toContain(true)
})

test('goes to its own region first, then to those that help, in their order', () => {
  const all = targets('a;region=us', 'b;region=asia', 'c;region=eu')
  const choice = engineChoice(all, 'geographic', seeded(1), { region: 'eu', regions: ['asia'] })
  const tried: number[] = []
  for (let place = choice.choose(tried, 0); place !== undefined; place = choice.choose(tried, 0)) {
    choice.record(place, down, 0)
    tried.push(place)
  }
  expect(tried).toEqual([2, 1, 0])
})
