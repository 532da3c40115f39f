// What the benchmarks of `failoverctl replay` share: a backup, the program, its peer, and what a run costs.
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, cpSync, mkdirSync, openSync, readFileSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))
export const BODY = 1024 * 1024
export const CONCURRENCY = 16
/** The collector turns to the next file after so much unless it is told otherwise. */
const FILE_MB = 100

/** The middle one of several runs, by a figure of theirs: the best one is luck, and the worst one somebody else's work. */
export const median = (runs, figure) => {
  const sorted = runs.map(figure).sort((one, other) => one - other)
  return sorted[sorted.length >> 1]
}

export const percent = share => `${(share * 100).toFixed(0)} %`

export async function withBlindReceiver(task) {
  const receiver = spawn(process.execPath, [join(ROOT, 'bench/blind-receiver.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [port] = await once(receiver.stdout, 'data')
    return await task(`http://127.0.0.1:${Number(port)}`)
  } finally {
    receiver.kill('SIGKILL')
  }
}

/** A copy, so that a build that goes on meanwhile does not take the program away between two rounds. */
export function copyProgram(folder) {
  for (const part of ['bin', 'dist', 'package.json']) cpSync(join(ROOT, part), join(folder, 'program', part), { recursive: true })
  return join(folder, 'program/bin/failoverctl.js')
}

/** A client of replay's, `prepared-body` or `unseen-lines`, as a program. */
export async function clientProgram(name, folder) {
  const outfile = join(folder, `${name}.mjs`)
  const banner = "import { createRequire as __r } from 'node:module'; const require = __r(import.meta.url);"
  await build({
    entryPoints: [join(ROOT, `bench/${name}.ts`)],
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
/** Different ones in a backup; they come again and again. */
export const LINES = 4000
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

/** As the collector writes it. */
export const line = () =>
  `${JSON.stringify({ resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'checkout' } }] }, scopeSpans: [{ scope: { name: 'bench' }, spans: Array.from({ length: SPANS_PER_LINE }, span) }] }] })}\n`

/** Rotated files of a few thousand different lines again and again; of several MB, or of less in one. Answers with the first. */
export function writeBackup(folder, megabytes) {
  mkdirSync(folder)
  const block = Buffer.from(Array.from({ length: LINES }, line).join(''))
  const files = Math.max(1, Math.round(megabytes / FILE_MB))
  const paths = Array.from({ length: files }, (_, index) => join(folder, rotatedName(index)))
  for (const path of paths) writeBlocks(path, block, (megabytes * 1e6) / files)
  return paths[0]
}

export const rotatedName = index => `traces-2026-11-21T03-${String(index % 60).padStart(2, '0')}-32.726-size.jsonl`

/** Whole blocks, until the file has so many bytes. */
export function writeBlocks(path, block, bytes) {
  const file = openSync(path, 'w')
  for (let left = bytes; left > 0; left -= block.length) writeSync(file, block)
  closeSync(file)
}

/** Sends one prepared body again and again, as many bytes as the backup has. */
export function prepared(program, url, body, bodyBytes, bytes) {
  return clientRun([program, url, String(body), String(Math.ceil(bytes / bodyBytes)), String(CONCURRENCY)], bytes)
}

/** Sends the files of a folder as they are. */
export function unseen(program, url, folder, bytes) {
  return clientRun([program, url, folder, String(BODY), String(CONCURRENCY)], bytes)
}

async function clientRun(args, bytes) {
  const { bytesPerSecond, cpuSeconds } = JSON.parse((await promisify(execFile)(process.execPath, args)).stdout)
  return { mbPerSecond: bytesPerSecond / 1e6, cpuPerGb: cpuSeconds / (bytes / 1e9) }
}

export async function replayed(program, folder, url, state, flags = []) {
  const args = ['replay', folder, '--endpoint', url, '--processed', 'keep', '--state', state, '--json', '--quiet', ...flags]
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
    cpuPerGb: cpuSeconds / (bytes / 1e9),
    cores: cpuSeconds / seconds,
    gb: bytes / 1e9,
  }
}

/** The text that a file begins with. */
export function head(path, bytes = 1e6) {
  const start = Buffer.alloc(bytes)
  const file = openSync(path, 'r')
  const text = start.toString('utf8', 0, readSync(file, start))
  closeSync(file)
  return text
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
