import { readdirSync } from 'node:fs'
import { realClock } from '../src/adapters/clock.ts'
import { realDisk } from '../src/adapters/disk.ts'
import { lazyNetwork } from '../src/adapters/network.ts'
import { deliver } from '../src/otlp/deliver.ts'
import { plainDestination } from '../src/otlp/destination.ts'
import { ChunkPool } from '../src/replay/chunk.ts'
import { readLines } from '../src/replay/read-lines.ts'
import type { Splitter } from '../src/replay/split.ts'

// The client of replay, and how it reads, without a look at what it sends: the fastest that a replay of these files could be here.
//   node unseen-lines.js <url> <folder> <bytes of a body> <requests at once>     prints bytes per second and seconds of processor time, as JSON
const [url = '', folder = '', size, concurrency] = process.argv.slice(2)
const network = lazyNetwork()
const destination = plainDestination('traces', url)
const pool = new ChunkPool(Number(size))
const toLastNewline: Splitter = (bytes, base) => {
  const consumed = bytes.lastIndexOf(10) + 1
  return { lines: [{ from: base, to: base + consumed, bytes: bytes.subarray(0, consumed) }], consumed }
}

async function* chunks() {
  for (const name of readdirSync(folder)) {
    const opened = await realDisk.open(`${folder}/${name}`)
    const settings = { split: toLastNewline, pool, maxLine: Number(size), from: 0, size: (await opened.stat()).size }
    for await (const { chunk, lines } of readLines(opened, settings)) {
      chunk.uses++
      yield { chunk, body: lines[0]?.bytes as Uint8Array }
    }
    await opened.close()
  }
}

const startedAt = performance.now()
const queue = chunks()
let bytes = 0
async function lane(): Promise<void> {
  for (let next = await queue.next(); !next.done; next = await queue.next()) {
    const { chunk, body } = next.value
    bytes += body.length
    const { kind } = await deliver(destination, { signal: 'traces', encoding: 'json', body }, { network, clock: realClock })
    if (kind !== 'accepted') throw new Error(kind)
    pool.release(chunk)
  }
}
await Promise.all(Array.from({ length: Number(concurrency) }, lane))
const bytesPerSecond = (bytes * 1000) / (performance.now() - startedAt)
const { user, system } = process.cpuUsage()
console.log(JSON.stringify({ bytesPerSecond, cpuSeconds: (user + system) / 1e6 }))
await network.close()
