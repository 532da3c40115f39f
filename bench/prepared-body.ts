import { readFileSync } from 'node:fs'
import { realClock } from '../src/adapters/clock.ts'
import { lazyNetwork } from '../src/adapters/network.ts'
import { deliver } from '../src/otlp/deliver.ts'
import { plainDestination } from '../src/otlp/destination.ts'

// The client of replay with nothing before it: one body, sent again and again.
//   node prepared-body.js <url> <bytes of a body, or a file with one> <bodies> <requests at once>     prints bytes per second and seconds of processor time, as JSON
const [url = '', what = '', count, concurrency] = process.argv.slice(2)
const network = lazyNetwork()
const body = /^\d+$/.test(what) ? Buffer.alloc(Number(what), '{"resourceSpans":[]}') : readFileSync(what)
const destination = plainDestination('traces', url)
const send = () => deliver(destination, { signal: 'traces', encoding: 'json', body }, { network, clock: realClock })
let left = Number(count)
async function lane(): Promise<void> {
  while (left-- > 0) {
    const { kind } = await send()
    if (kind !== 'accepted') throw new Error(kind)
  }
}
const startedAt = performance.now()
await Promise.all(Array.from({ length: Number(concurrency) }, lane))
const bytesPerSecond = (body.length * Number(count) * 1000) / (performance.now() - startedAt)
const { user, system } = process.cpuUsage()
console.log(JSON.stringify({ bytesPerSecond, cpuSeconds: (user + system) / 1e6 }))
await network.close()
