import { describe, expect, test } from 'vitest'
import type { Chunk } from '../../src/replay/chunk.ts'
import { Gatherer } from '../../src/replay/gather.ts'
import type { Held } from '../../src/replay/held.ts'

const CHUNK = 1000
const LINE = 100

const chunk = (size = CHUNK): Chunk => ({ bytes: Buffer.alloc(size), uses: 1 })

/** Lines of a chunk, behind each other: with their newlines they fill it. */
const linesOf = (chunk: Chunk, signal = 'traces', items = 1): Held[] =>
  Array.from({ length: chunk.bytes.length / LINE }, (_, index) => ({
    bytes: chunk.bytes.subarray(index * LINE, (index + 1) * LINE - 1),
    chunk,
    signal,
    encoding: 'json',
    joinable: true,
    items,
  })) as unknown as Held[]

/** Requests as they become ready when chunk comes after chunk. */
function requestsOf(chunks: readonly (readonly Held[])[], limits = { bytes: CHUNK, items: 1000 }): (readonly Held[])[] {
  const gatherer = new Gatherer(limits)
  const ready = chunks.flatMap(lines => [...lines.flatMap(line => [...gatherer.add(line)]), ...gatherer.atChunkEnd()])
  return [...ready, ...gatherer.rest()]
}

const sizes = (requests: readonly (readonly Held[])[]) => requests.map(({ length }) => length)
const chunksIn = (lines: readonly Held[]) => new Set(lines.map(({ chunk }) => chunk)).size

describe('lines become requests', () => {
  test('of a chunk each, so that none is copied', () => {
    expect(sizes(requestsOf([linesOf(chunk()), linesOf(chunk()), linesOf(chunk())]))).toEqual([10, 10, 10])
  })

  test('of a chunk each again behind the short end of a file', () => {
    const requests = requestsOf([linesOf(chunk()), linesOf(chunk(300)), linesOf(chunk()), linesOf(chunk()), linesOf(chunk())])
    expect(requests.map(chunksIn)).toEqual([1, 1, 1, 1, 1])
    expect(sizes(requests)).toEqual([10, 3, 10, 10, 10])
  })

  test('of many small files', () => {
    const requests = requestsOf(Array.from({ length: 100 }, () => linesOf(chunk(LINE))))
    expect(sizes(requests)).toEqual(Array.from({ length: 20 }, () => 5))
  })

  test('as large as they may be where signals are mixed', () => {
    const mixed = () => {
      const all = chunk()
      const [traces, logs, metrics] = [linesOf(all), linesOf(all, 'logs'), linesOf(all, 'metrics')]
      return traces.map((line, index) => [line, logs[index], metrics[index]][index % 3] as Held)
    }
    const requests = requestsOf(Array.from({ length: 30 }, mixed))
    expect(Math.min(...sizes(requests).slice(0, -3))).toBeGreaterThanOrEqual(5)
    for (const lines of requests) expect(new Set(lines.map(({ signal }) => signal)).size).toBe(1)
    expect(requests.flat()).toHaveLength(300)
  })

  test('of so many items at the most', () => {
    expect(sizes(requestsOf([linesOf(chunk(), 'traces', 7)], { bytes: CHUNK, items: 21 }))).toEqual([3, 3, 3, 1])
  })
})
