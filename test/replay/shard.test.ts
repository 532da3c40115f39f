import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mineOf, parseShard } from '../../src/replay/shard.ts'

const MIB = 2 ** 20

describe('a shard is read from text', () => {
  test.each([
    ['0/16', { index: 0, count: 16 }],
    ['15/16', { index: 15, count: 16 }],
    ['0/1', { index: 0, count: 1 }],
    ['16/16', undefined],
    ['1/0', undefined],
    ['-1/4', undefined],
    ['1', undefined],
    ['1/4/5', undefined],
    ['0/100000', undefined],
    ['', undefined],
  ])('%s', (text, shard) => expect(parseShard(text)).toEqual(shard))
})

test('each line belongs to exactly one shard', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 64 }),
      fc.string(),
      fc.array(fc.nat({ max: 2 ** 40 }), { maxLength: 30 }),
      (count, name, places) => {
        const shards = Array.from({ length: count }, (_, index) => mineOf({ index, count }))
        const id = `1-2-1024-${name}`
        for (const at of places) expect(shards.filter(mine => mine(id, at))).toHaveLength(1)
      },
    ),
    { seed: 6, numRuns: 200 },
  )
})

test('lines of one block go together, so that they can be one request', () => {
  const mine = mineOf({ index: 0, count: 7 })
  for (let block = 0; block < 50; block++) {
    const whole = [0, 1, 1000, MIB - 1].map(offset => mine('1-2-1024-abc', block * MIB + offset))
    expect(new Set(whole).size).toBe(1)
  }
})

test('it is the same on every machine: device and inode do not matter', () => {
  const [here, there] = [mineOf({ index: 2, count: 5 }), mineOf({ index: 2, count: 5 })]
  for (let block = 0; block < 50; block++) expect(here('1-2-1024-abc', block * MIB)).toBe(there('77-99-1024-abc', block * MIB))
})

test('shards get shares alike, of one large file as of many small ones', () => {
  const sizes = (ids: readonly string[], blocks: number) =>
    Array.from({ length: 16 }, (_, index) => {
      const mine = mineOf({ index, count: 16 })
      return ids.reduce(
        (sum, id) => sum + Array.from({ length: blocks }, (_, at) => mine(id, at * MIB)).filter(Boolean).length,
        0,
      )
    })
  const many = Array.from({ length: 4000 }, (_, file) => `1-2-1024-${(file * 7919).toString(16)}`)
  for (const shares of [sizes(['1-2-1024-abc'], 4000), sizes(many, 1)]) {
    expect(Math.min(...shares)).toBeGreaterThan(180)
    expect(Math.max(...shares)).toBeLessThan(330)
  }
})
