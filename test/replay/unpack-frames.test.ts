import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChunkPool } from '../../src/replay/chunk.ts'
import { unpackFrames } from '../../src/replay/unpack-frames.ts'

const SIZE = 100
/** Each frame is a text that stands for what comes out of it; an empty one is damaged. */
const disk = {
  unzstd: async (frame: Uint8Array) => {
    if (frame[0] === 0x21) throw new Error('no')
    return Buffer.from(Buffer.from(frame).toString().repeat(3))
  },
}

test('gives what is in each frame, in their order, in chunks of the pool as far as it fits one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ maxLength: 40 })), async texts => {
      const pool = new ChunkPool(SIZE)
      const frames = texts.map((text, at) => ({ from: at, to: at + 1, bytes: Buffer.from(text) }))
      const found: (string | undefined)[] = []
      for await (const { chunk, lines } of unpackFrames(frames, { disk, pool, maxLine: 1000 })) {
        const inside = lines.filter(({ bytes }) => bytes?.buffer === chunk.bytes.buffer)
        expect(inside.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0)).toBeLessThanOrEqual(SIZE)
        expect(chunk.uses).toBe(1)
        for (const { bytes, bad } of lines) found.push(bad ?? Buffer.from(bytes ?? []).toString())
      }
      const damaged = 'damaged zstd frame: no'
      expect(found).toEqual(texts.map(text => (Buffer.from(text)[0] === 0x21 ? damaged : text.repeat(3))))
    }),
    { seed: 3 },
  )
})
