import { readFileSync } from 'node:fs'
import { realClock } from '../src/adapters/clock.ts'
import { lazyNetwork } from '../src/adapters/network.ts'
import { deliver } from '../src/otlp/deliver.ts'
import { plainDestination } from '../src/otlp/destination.ts'

// The client of replay with nothing before it: bodies that lie ready, sent again and again.
//   node prepared-body.js <url> <bytes of a body, or a file with one a line> <bodies> <requests at once>     prints bytes per second and seconds of processor time, as JSON
const [url = '', what = '', count, concurrency] = process.argv.slice(2)
const network = lazyNetwork()
const bodies = /^\d+$/.test(what) ? [Buffer.alloc(Number(what), '{"resourceSpans":[]}')] : linesOf(readFileSync(what))
const destination = plainDestination('traces', url)
let [left, bytes] = [Number(count), 0]
async function lane(): Promise<void> {
  while (left-- > 0) {
    const body = bodies[left % bodies.length] as Buffer
    bytes += body.length
    const { kind } = await deliver(destination, { signal: 'traces', encoding: 'json', body }, { network, clock: realClock })
    if (kind !== 'accepted') throw new Error(kind)
  }
}
const startedAt = performance.now()
await Promise.all(Array.from({ length: Number(concurrency) }, lane))
const bytesPerSecond = (bytes * 1000) / (performance.now() - startedAt)
const { user, system } = process.cpuUsage()
console.log(JSON.stringify({ bytesPerSecond, cpuSeconds: (user + system) / 1e6 }))
await network.close()

function linesOf(file: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let from = 0, to = file.indexOf(10); to >= 0; from = to + 1, to = file.indexOf(10, from))
    lines.push(file.subarray(from, to))
  return lines
}
