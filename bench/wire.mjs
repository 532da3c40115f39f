// What a request costs the sender, against undici's own `request`, and what turning JSON into protobuf costs against only
// parsing it: in processor time, the two taking turns, so that other processes and slower moments change little.
//   node bench/wire.mjs
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { Agent, request as undiciRequest } from 'undici'

const root = fileURLToPath(new URL('..', import.meta.url))
const outfile = `${root}generated/wire-bench.mjs`
await build({
  stdin: {
    contents: `export { lazyNetwork } from './src/adapters/network.ts'
export { transcode } from './src/otlp/transcode.ts'`,
    resolveDir: root,
  },
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
})
const { lazyNetwork, transcode } = await import(outfile)

const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
const IN_FLIGHT = 16

async function cpuMicroseconds(work) {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** The median of the ratios of so many rounds, the first two of which warm up. */
async function compare(name, own, peer, goal, rounds = 12) {
  const pairs = []
  for (let round = 0; round < rounds; round++) pairs.push([await cpuMicroseconds(own), await cpuMicroseconds(peer)])
  const ratio = median(pairs.slice(2).map(([a, b]) => a / b))
  console.log(
    `${ratio <= goal ? 'met   ' : 'MISSED'}  ${name.padEnd(44)} ${ratio.toFixed(2)} of its processor time; goal: ${goal}`,
  )
  if (ratio > goal) process.exitCode = 1
}

/** Sends `count` requests, `IN_FLIGHT` at a time. */
async function many(count, send) {
  let left = count
  const worker = async () => {
    while (left-- > 0) await send()
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
}

const receiver = spawn(process.execPath, [`${root}bench/blind-receiver.mjs`], { stdio: ['ignore', 'pipe', 'inherit'] })
const port = await new Promise(resolve => receiver.stdout.once('data', resolve))
const url = `http://127.0.0.1:${String(port).trim()}/v1/traces`
const network = lazyNetwork()
const dispatcher = new Agent({ connections: 128, pipelining: 1, allowH2: false })
const headers = { 'content-type': 'application/x-protobuf' }

for (const size of [1024, 64 * 1024]) {
  const body = Buffer.alloc(size, 'a')
  const own = async () => {
    const { status } = await network.request({ method: 'POST', url, headers, body, timeoutMs: 10_000 })
    if (status !== 200) throw new Error(`answered with ${status}`)
  }
  const peer = async () => {
    const answer = await undiciRequest(url, { dispatcher, method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) })
    await answer.body.arrayBuffer()
  }
  await compare(
    `a request of ${size / 1024} KiB, against undici.request`,
    () => many(500, own),
    () => many(500, peer),
    1,
  )
}
await network.close()
await dispatcher.destroy()
receiver.kill()

const span = index => ({
  traceId: '0123456789abcdef0123456789abcdef',
  spanId: '0123456789abcdef',
  name: `GET /users/${index}`,
  kind: 2,
  startTimeUnixNano: '1544712660000000000',
  endTimeUnixNano: '1544712661000000000',
  attributes: [
    { key: 'http.method', value: { stringValue: 'GET' } },
    { key: 'http.status_code', value: { intValue: '200' } },
  ],
  status: {},
})
const spans = Array.from({ length: 100 }, (_, index) => span(index))
const body = new TextEncoder().encode(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }))
const repeat = work => () => {
  for (let turn = 0; turn < 200; turn++) work()
}
await compare(
  'JSON to protobuf, against JSON.parse',
  repeat(() => transcode({ signal: 'traces', encoding: 'json', body }, 'protobuf')),
  repeat(() => JSON.parse(new TextDecoder().decode(body))),
  4,
)
