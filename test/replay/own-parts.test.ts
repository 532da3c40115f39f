import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BackupFile } from '../../src/replay/backup.ts'
import { ChunkPool } from '../../src/replay/chunk.ts'
import { Intervals } from '../../src/replay/intervals.ts'
import { readBackup } from '../../src/replay/read-backup.ts'
import { mineOf } from '../../src/replay/shard.ts'

const MIB = 2 ** 20
const shape = { packing: 'none', encoding: 'json' } as const

/** What a shard reads of a file: where its lines start, and how many bytes it asked for. */
async function readAs(index: number, count: number, text: Buffer, settled = new Intervals()) {
  let asked = 0
  const opened = {
    read: async (into: Uint8Array, at: number) => {
      const piece = text.subarray(at, at + into.length)
      into.set(piece)
      asked += piece.length
      return piece.length
    },
  }
  const file = { id: `1-2-1024-${text.length}`, path: 'f', size: text.length } as BackupFile
  const mine = mineOf({ index, count })
  const settings = { disk: {} as never, pool: new ChunkPool(MIB), maxLine: 4 * MIB, settled, complete: true, mine }
  const starts: number[] = []
  for await (const batch of readBackup(file, shape, opened as never, settings))
    for (const found of batch) {
      const { from } = found.kind === 'line' ? found.line : found
      if (mine(file.id, from)) starts.push(from)
    }
  return { starts, asked }
}

/** Lines of these lengths, newlines included. */
function textOf(lengths: readonly number[]): { text: Buffer; starts: number[] } {
  const text = Buffer.alloc(
    lengths.reduce((sum, length) => sum + length, 0),
    'x',
  )
  let at = 0
  const starts = lengths.map(length => {
    text[at + length - 1] = 0x0a
    at += length
    return at - length
  })
  return { text, starts }
}

test('each line is read by exactly one shard, wherever it lies in the blocks', async () => {
  // Around the size of a block most can go wrong.
  const length = fc.oneof(fc.constantFrom(MIB - 1, MIB, MIB + 1, 2 * MIB), fc.integer({ min: 1, max: 700_000 }))
  await fc.assert(
    fc.asyncProperty(fc.array(length, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 5 }), async (lengths, count) => {
      const { text, starts } = textOf(lengths)
      const read = await Promise.all(Array.from({ length: count }, (_, index) => readAs(index, count, text)))
      expect(read.flatMap(shard => shard.starts).sort((a, b) => a - b)).toEqual(starts)
    }),
    { seed: 4, numRuns: 40 },
  )
}, 60_000)

test('a shard goes on behind what is settled', async () => {
  const { text, starts } = textOf(Array.from({ length: 40 }, () => 200_000))
  const settled = new Intervals()
  settled.add(0, starts[17] as number)
  const read = await Promise.all([0, 1, 2].map(index => readAs(index, 3, text, settled)))
  expect(read.flatMap(shard => shard.starts).sort((a, b) => a - b)).toEqual(starts.slice(17))
})

test('what is not its own a shard does not read', async () => {
  const { text } = textOf(Array.from({ length: 6400 }, () => 10_000))
  const read = await Promise.all(Array.from({ length: 16 }, (_, index) => readAs(index, 16, text)))
  expect(read.reduce((sum, { asked }) => sum + asked, 0)).toBeLessThan(3 * text.length)
})
