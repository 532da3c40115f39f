import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Agenda } from '../../src/simulate/agenda.ts'

test('earliest first, and in the order of arrival where times are equal', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 })), times => {
      const agenda = new Agenda<readonly [number, number]>()
      for (const [nth, at] of times.entries()) agenda.add(at, [at, nth])
      const taken = times.map(() => agenda.take())
      expect(taken).toEqual(times.map((at, nth) => [at, nth] as const).sort(([a, i], [b, j]) => a - b || i - j))
      expect(agenda.take()).toBeUndefined()
    }),
    { seed: 1 },
  )
})

test('what is not to be kept is gone, the rest keeps its order', () => {
  const agenda = new Agenda<number>()
  for (const at of [5, 3, 9, 1, 7]) agenda.add(at, at)
  agenda.keep(at => at !== 3 && at !== 9)
  expect([agenda.take(), agenda.take(), agenda.take(), agenda.take()]).toEqual([1, 5, 7, undefined])
})

test('knows whether something was added since', () => {
  const agenda = new Agenda<string>()
  agenda.add(1, 'old')
  const before = agenda.count
  expect(agenda.isOlderThan(before)).toBe(true)
  agenda.add(2, 'new')
  expect(agenda.isOlderThan(before)).toBe(false)
  expect(agenda.nextAt).toBe(1)
})
