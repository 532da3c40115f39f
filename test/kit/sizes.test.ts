import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sizesFor } from '../../src/kit/sizes.ts'

test('four hours at 1 MB/s', () => {
  expect(sizesFor({ outageMs: 4 * 3_600_000, bytesPerSecond: 1_000_000 })).toEqual({
    rotatedMegabytes: 512,
    backups: 57,
    queuedRequests: 219_727,
    volumeGibibytes: 108,
  })
})

test('what is kept is never less than what comes, and the volume holds all of it', () => {
  const wishes = fc.record({
    outageMs: fc.integer({ min: 1, max: 30 * 86_400_000 }),
    bytesPerSecond: fc.integer({ min: 1, max: 1e9 }),
  })
  fc.assert(
    fc.property(wishes, wish => {
      const { rotatedMegabytes, backups, volumeGibibytes } = sizesFor(wish)
      // The file that is written may be as good as empty when the oldest is deleted.
      const kept = backups * rotatedMegabytes * 1e6
      return kept >= (wish.bytesPerSecond * wish.outageMs) / 1000 && volumeGibibytes * 2 ** 30 >= 3 * kept
    }),
  )
})
