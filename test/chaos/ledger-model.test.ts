import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Holding } from '../../src/chaos/holding.ts'
import { settle } from '../../src/chaos/ledger.ts'
import type { Stretch } from '../../src/chaos/phases.ts'
import type { Phase } from '../../src/model/outcome.ts'
import { emptyLedger } from '../../src/otlp/ledger.ts'
import { Witness } from '../../src/otlp/witness.ts'

type Fate = 'acknowledged' | 'refused' | 'unknown'

/** A run as a list of what happened to each span, its number being its place from 1 on. */
interface Story {
  readonly fates: readonly Fate[]
  /** Numbers as they arrived at each backend; above the number of fates they are phantoms. */
  readonly arrivals: readonly (readonly number[])[]
  /** How many spans each stretch has. */
  readonly lengths: readonly number[]
}

const PHASES: readonly Phase[] = ['steady', 'fault', 'after', 'fault', 'after']

const story = fc.record<Story>({
  fates: fc.array(fc.constantFrom<Fate>('acknowledged', 'acknowledged', 'acknowledged', 'refused', 'unknown'), { maxLength: 40 }),
  arrivals: fc.array(fc.array(fc.integer({ min: 1, max: 44 }), { maxLength: 60 }), { minLength: 1, maxLength: 3 }),
  lengths: fc.array(fc.nat(12), { minLength: 5, maxLength: 5 }),
})

function stretchesOf({ fates, lengths }: Story): Stretch[] {
  let from = 1
  return PHASES.flatMap((phase, index) => {
    const length = index === PHASES.length - 1 ? fates.length : (lengths[index] as number)
    const stretch = { phase, from, to: Math.min(fates.length, from + length - 1) }
    from = stretch.to + 1
    return stretch.from <= stretch.to ? [stretch] : []
  })
}

function settled(told: Story) {
  const ledger = { ...emptyLedger(), sent: told.fates.length }
  for (const [index, fate] of told.fates.entries()) ledger[fate].add(index + 1, index + 1)
  const holdings: Record<string, Holding> = {}
  for (const [index, numbers] of told.arrivals.entries()) {
    const witness = new Witness()
    for (const number of numbers) witness.add(number)
    holdings[`backend${index}`] = witness
  }
  return settle(ledger, holdings, 0, { stretches: stretchesOf(told), delivery: null })
}

const inRanges = (ranges: readonly (readonly [number, number])[]) =>
  ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => from + index))

test('what is planted is found, number by number, as lists and filters find it', () => {
  fc.assert(
    fc.property(story, told => {
      const { fates, arrivals } = told
      const found = settled(told)
      const all = arrivals.flat()
      const times = (number: number) => all.filter(other => other === number).length
      const numbers = fates.map((_, index) => index + 1)
      const having = (fate: Fate) => numbers.filter(number => fates[number - 1] === fate)
      const lost = having('acknowledged').filter(number => times(number) === 0)
      const twice = numbers.filter(number => times(number) > 1)
      const phantoms = [...new Set(all.filter(number => number > fates.length))].sort((a, b) => a - b)

      expect(inRanges(found.lost_ranges)).toEqual(lost)
      expect(found.lost).toBe(lost.length)
      expect(inRanges(found.counted?.duplicated_ranges ?? [])).toEqual(twice)
      expect(inRanges(found.counted?.phantom_ranges ?? [])).toEqual(phantoms)
      expect(found.counted?.phantoms).toBe(phantoms.length)
      expect(found.counted?.recovered).toEqual({
        refused: having('refused').filter(number => times(number) > 0).length,
        unknown: having('unknown').filter(number => times(number) > 0).length,
      })
      const sentTwice = numbers.reduce((sum, number) => sum + Math.max(0, times(number) - 1), 0)
      const againBeyond = arrivals.reduce(
        (sum, one) => sum + one.filter((n, i) => n > fates.length && one.indexOf(n) < i).length,
        0,
      )
      expect(found.duplicated).toBe(sentTwice + againBeyond)

      for (const phase of ['steady', 'fault', 'after'] as const) {
        const own = stretchesOf(told)
          .filter(stretch => stretch.phase === phase)
          .flatMap(({ from, to }) => inRanges([[from, to]]))
        const counts = found.counted?.phases.find(one => one.phase === phase)
        expect(inRanges(counts?.ranges ?? [])).toEqual(own)
        expect(counts?.sent ?? 0).toBe(own.length)
        expect(counts?.acknowledged ?? 0).toBe(own.filter(number => fates[number - 1] === 'acknowledged').length)
        expect(counts?.refused ?? 0).toBe(own.filter(number => fates[number - 1] === 'refused').length)
        expect(counts?.unknown ?? 0).toBe(own.filter(number => fates[number - 1] === 'unknown').length)
        expect(counts?.lost ?? 0).toBe(own.filter(number => lost.includes(number)).length)
        expect(counts?.duplicated ?? 0).toBe(own.filter(number => twice.includes(number)).length)
      }
    }),
    { numRuns: 500 },
  )
})

test('a backend that only counts: what is left over is lost, give or take what cannot be told', () => {
  fc.assert(
    fc.property(story, fc.nat(50), fc.nat(5), (told, counted, off) => {
      const ledger = { ...emptyLedger(), sent: told.fates.length }
      for (const [index, fate] of told.fates.entries()) ledger[fate].add(index + 1, index + 1)
      const primary = new Witness()
      for (const number of told.arrivals[0] ?? []) primary.add(number)
      const found = settle(ledger, { primary, counter: { counted, off, why: 'only counts' } }, 0)
      const missing = [...ledger.acknowledged].filter(number => !primary.seen.has(number)).length
      expect(found.lost).toBe(Math.max(0, missing - counted))
      expect(found.lost_ranges).toEqual([])
      expect(found.delivered).toEqual({ primary: primary.seen.size, counter: counted })
      const untold = ledger.refused.size + ledger.unknown.size
      expect(found.counted?.margin?.spans).toBe(Math.min(missing, off + untold))
      expect(found.counted?.margin?.why).toMatch(untold > 0 ? /^counter only counts; \d+ spans/ : /^counter only counts$/)
      expect(found.counted?.phases.every(({ lost }) => lost === null)).toBe(true)
    }),
  )
})

test('a queue hides its newest spans, and the phases say so', () => {
  const ledger = { ...emptyLedger(), sent: 6 }
  ledger.acknowledged.add(1, 6)
  const stretches: Stretch[] = [
    { phase: 'steady', from: 1, to: 3 },
    { phase: 'fault', from: 4, to: 6 },
  ]
  const found = settle(ledger, { primary: new Witness() }, 2, { stretches, delivery: null })
  expect(found).toMatchObject({ lost: 4, queued: 2 })
  expect(found.counted?.phases.map(({ lost }) => lost)).toEqual([3, 1])
})

test('backends that were not read to the end are named, and so is a sender that lost count', () => {
  const ledger = { ...emptyLedger(), sent: 1 }
  ledger.refused.isComplete = false
  const { seen, again, repeated } = new Witness()
  expect(
    settle(ledger, { primary: { seen, again, repeated, doubt: 'has no file' }, other: new Witness() }, 0).counted?.unread,
  ).toEqual([
    { backend: 'primary', why: 'has no file' },
    { backend: 'the sender', why: 'had too many separate answers to keep them one by one' },
  ])
})
