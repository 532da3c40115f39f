// How fast `failoverctl replay` is: beside the same client with one prepared body, beside the loop of curl that it replaces, and how much memory it takes.
//   node bench/replay.mjs [--megabytes 1000]
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const ROUNDS = 3
export const BODY = 1024 * 1024
export const CONCURRENCY = 16
const GOALS = { mbPerSecond: 600, spansPerSecond: 1_000_000, ofPrepared: 0.8, timesCurl: 1000, mb: 200 }
const CURL_LINES = 60

export async function replaySpeed(megabytes = 1000) {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-bench-'))
  const receiver = spawn(process.execPath, [join(ROOT, 'bench/blind-receiver.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [port] = await once(receiver.stdout, 'data')
    const url = `http://127.0.0.1:${Number(port)}`
    const program = copyProgram(folder)
    const backup = writeBackup(join(folder, 'backup'), megabytes)
    const prepared = await preparedBody(folder)
    const pairs = []
    for (let round = 0; round < ROUNDS; round++) {
      const bytesPerSecond = Number(
        execFileSync(process.execPath, [prepared, url, BODY, Math.ceil((megabytes * 1e6) / BODY), CONCURRENCY]),
      )
      pairs.push({ prepared: bytesPerSecond / 1e6, ...(await replayed(program, backup, url, join(folder, `state-${round}`))) })
    }
    const [best] = pairs.toSorted((one, other) => other.mbPerSecond - one.mbPerSecond)
    const ratio = Math.max(...pairs.map(({ mbPerSecond, prepared }) => mbPerSecond / prepared))
    const mb = Math.max(...pairs.map(pair => pair.mb))
    const curl = curlLoop(backup, url)
    return [
      {
        name: 'replay, receiver does not parse',
        measured: `${best.mbPerSecond.toFixed(0)} MB/s, ${Math.round(best.spansPerSecond)} spans/s, ${(best.cpuSeconds / (megabytes / 1000)).toFixed(2)} s of processor time per GB (best of ${ROUNDS})`,
        goal: `${GOALS.mbPerSecond} MB/s and ${GOALS.spansPerSecond} spans/s on two cores`,
        met: best.mbPerSecond >= GOALS.mbPerSecond && best.spansPerSecond >= GOALS.spansPerSecond,
      },
      {
        name: 'replay, of one prepared body',
        measured: `${(ratio * 100).toFixed(0)} % of ${Math.max(...pairs.map(({ prepared }) => prepared)).toFixed(0)} MB/s (best pair of ${ROUNDS})`,
        goal: `${GOALS.ofPrepared * 100} %`,
        met: ratio >= GOALS.ofPrepared,
      },
      {
        name: 'replay, against a loop of curl',
        measured: `${Math.round(best.linesPerSecond / curl)} times its ${curl.toFixed(1)} lines/s`,
        goal: `${GOALS.timesCurl} times`,
        met: best.linesPerSecond / curl >= GOALS.timesCurl,
      },
      {
        name: 'replay, memory',
        measured: `${mb.toFixed(0)} MB for ${megabytes} MB of backup`,
        goal: `${GOALS.mb} MB`,
        met: mb < GOALS.mb,
      },
    ]
  } finally {
    receiver.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A copy, so that a build that goes on meanwhile does not take the program away between two rounds. */
export function copyProgram(folder) {
  for (const part of ['bin', 'dist', 'package.json']) cpSync(join(ROOT, part), join(folder, 'program', part), { recursive: true })
  return join(folder, 'program/bin/failoverctl.js')
}

/** The client of replay with one prepared body, as a program. */
export async function preparedBody(folder) {
  const outfile = join(folder, 'prepared-body.mjs')
  const banner = "import { createRequire as __r } from 'node:module'; const require = __r(import.meta.url);"
  await build({
    entryPoints: [join(ROOT, 'bench/prepared-body.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    banner: { js: banner },
    logLevel: 'error',
  })
  return outfile
}

const SPANS_PER_LINE = 10
const hex = bytes => randomBytes(bytes).toString('hex')

const span = () => ({
  traceId: hex(16),
  spanId: hex(8),
  parentSpanId: hex(8),
  flags: 257,
  name: 'GET /api/orders',
  kind: 2,
  startTimeUnixNano: '1795231480610963926',
  endTimeUnixNano: '1795231480611086926',
  attributes: [
    { key: 'network.peer.address', value: { stringValue: '1.2.3.4' } },
    { key: 'service.peer.name', value: { stringValue: 'telemetrygen-client' } },
    { key: 'http.request.method', value: { stringValue: 'GET' } },
    { key: 'url.path', value: { stringValue: '/api/orders/1234' } },
  ],
  status: {},
})

/** Lines as the collector writes them, a few thousand different ones again and again. */
export function writeBackup(folder, megabytes) {
  mkdirSync(folder)
  const path = join(folder, 'traces-2026-11-21T03-12-32.726-size.jsonl')
  const line = () =>
    `${JSON.stringify({ resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'checkout' } }] }, scopeSpans: [{ scope: { name: 'bench' }, spans: Array.from({ length: SPANS_PER_LINE }, span) }] }] })}\n`
  const block = Buffer.from(Array.from({ length: 4000 }, line).join(''))
  const file = openSync(path, 'w')
  for (let left = megabytes * 1e6; left > 0; left -= block.length) writeSync(file, block)
  closeSync(file)
  return path
}

export async function replayed(program, backup, url, state, flags = []) {
  const args = ['replay', backup, '--endpoint', url, '--processed', 'keep', '--state', state, '--json', '--quiet', ...flags]
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let [out, mb, cpuSeconds] = ['', 0, 0]
  child.stdout.on('data', chunk => {
    out += chunk
  })
  const watch = setInterval(() => {
    mb = Math.max(mb, peakOf(child.pid))
    cpuSeconds = Math.max(cpuSeconds, cpuOf(child.pid))
  }, 50)
  const [exit] = await once(child, 'close')
  clearInterval(watch)
  if (exit !== 0) throw new Error(`replay ended with ${exit}`)
  const { bytes, read, acknowledged, elapsedMs } = JSON.parse(out)
  if (read.items !== acknowledged.items) throw new Error('not all was acknowledged')
  const seconds = elapsedMs / 1000
  return {
    mbPerSecond: bytes / 1e6 / seconds,
    spansPerSecond: read.items / seconds,
    linesPerSecond: read.lines / seconds,
    items: read.items,
    mb,
    cpuSeconds,
  }
}

export function head(path) {
  const start = Buffer.alloc(1e6)
  const file = openSync(path, 'r')
  const text = start.toString('utf8', 0, readSync(file, start))
  closeSync(file)
  return text
}

/** The loop that people write: one curl a line, and a hundredth of a second of rest. Answers with lines a second. */
function curlLoop(backup, url) {
  const few = `${backup}.few`
  writeFileSync(few, `${head(backup).split('\n').slice(0, CURL_LINES).join('\n')}\n`)
  const loop = `while IFS= read -r line; do curl -s -X POST "$1" -H 'Content-Type: application/json' -d "$line" > /dev/null; sleep 0.01; done < "$2"`
  const startedAt = performance.now()
  execFileSync('bash', ['-c', loop, 'bash', `${url}/v1/traces`, few])
  return (CURL_LINES * 1000) / (performance.now() - startedAt)
}

/** Megabytes and seconds, where the system tells. */
function peakOf(pid) {
  return Number(/VmHWM:\s+(\d+) kB/.exec(procOf(pid, 'status'))?.[1] ?? 0) / 1024
}

function cpuOf(pid) {
  const [user, system] = procOf(pid, 'stat').split(') ').at(-1).split(' ').slice(11, 13)
  return (Number(user ?? 0) + Number(system ?? 0)) / 100
}

function procOf(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '1000' } } })
  for (const result of await replaySpeed(Number(values.megabytes))) console.log(result)
}
