// What counting costs `failoverctl sink`: against the same sink with --no-parse, and against JSON.parse; and the memory of 100 million spans.
//   node bench/sink.mjs
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { build } from 'esbuild'
import { runSend } from './run-send.mjs'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

const root = fileURLToPath(new URL('..', import.meta.url))
const cli = process.env.FAILOVERCTL_BENCH_CLI ?? join(root, 'bin/failoverctl.js')
const ROUNDS = 3
const SECONDS = 4
/** Of the processor time of a sink that does not look into requests. */
const MOST_TIMES = { 'http/protobuf': 2, 'http/json': 5 }
const MOST_MB = 30
const SPANS = 100_000_000
const BODY_SPANS = 512

export async function sinkResults() {
  return [await againstNoParse('http/protobuf'), await againstNoParse('http/json'), ...(await inProcess())]
}

/** Processor seconds of the sink for a million spans, counting and not counting, in turn. */
async function againstNoParse(protocol) {
  const pairs = []
  for (let round = 0; round < ROUNDS; round++) {
    pairs.push({ counting: await received(protocol, []), blind: await received(protocol, ['--no-parse']) })
  }
  const ratio = median(pairs.map(({ counting, blind }) => counting.cpu / blind.cpu))
  const perCore = median(pairs.map(({ counting }) => 1 / counting.cpu))
  const rate = median(pairs.map(({ counting }) => counting.rate))
  return {
    name: `sink, ${protocol}`,
    measured: `${ratio.toFixed(2)} times the processor time of --no-parse; ${thousands(rate)} received, ${thousands(perCore * 1e6)} per core`,
    goal: `at most ${MOST_TIMES[protocol]} times`,
    met: ratio <= MOST_TIMES[protocol],
  }
}

const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
const thousands = spans => `${Math.round(spans / 1000)},000 spans/s`

async function received(protocol, settings) {
  const args = ['sink', '--port', '0', '--no-grpc', '--json', ...settings]
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', chunk => {
    out += chunk
  })
  child.stderr.on('data', chunk => {
    err += chunk
  })
  try {
    const url = await listening(child, () => /OTLP\/HTTP on (http:\S+\d)/.exec(err)?.[1])
    const before = cpuSeconds(child.pid)
    const sent = await runSend(['--endpoint', url, '--protocol', protocol, '--rate', '0', '--duration', `${SECONDS}s`])
    const cpu = cpuSeconds(child.pid) - before
    child.kill('SIGINT')
    await once(child, 'close')
    const [run] = JSON.parse(out).runs
    if (settings.length === 0 && run?.received !== sent.acknowledged)
      throw new Error(`${sent.acknowledged} acknowledged, ${run?.received} received`)
    return { cpu: cpu / (sent.acknowledged / 1e6), rate: sent.items_per_second }
  } finally {
    child.kill('SIGKILL')
  }
}

async function listening(child, find) {
  for (let turn = 0; turn < 250 && child.exitCode === null; turn++) {
    const url = find()
    if (url) return url
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error('the sink does not listen')
}

/** utime and stime of proc(5), in ticks of 1/100 s. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** The counting by itself, on bodies that `send` has sent. */
async function inProcess() {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-bench-'))
  try {
    const entry = `export { readItems } from '${root}src/otlp/encodings.ts'; export { Items } from '${root}src/otlp/items.ts'; export { Tally } from '${root}src/sink/tally.ts'`
    const outfile = join(folder, 'counting.mjs')
    await build({
      stdin: { contents: entry, resolveDir: root },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile,
      logLevel: 'error',
    })
    const counting = await import(pathToFileURL(outfile).href)
    const [json, protobuf] = [await bodyOf('http/json'), await bodyOf('http/protobuf')]
    return [jsonAgainstParse(counting, json), protobufSpeed(counting, protobuf), memory(counting)]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** One request of `send`. */
async function bodyOf(protocol) {
  const bodies = []
  const server = createServer((request, response) => {
    const chunks = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks))
      response.writeHead(200, { 'content-type': request.headers['content-type'] }).end(protocol === 'http/json' ? '{}' : '')
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${server.address().port}`
  await runSend(['--endpoint', url, '--protocol', protocol, '--rate', '0', '--count', String(BODY_SPANS)])
  server.close()
  return bodies.toSorted((a, b) => b.length - a.length)[0]
}

function jsonAgainstParse({ readItems, Tally, Items }, body) {
  const count = counter({ readItems, Tally, Items }, 'json', body)
  const parse = () => JSON.parse(new TextDecoder().decode(body)).resourceSpans.length
  const pairs = Array.from({ length: 7 }, () => [speed(count), speed(parse)])
  const ratio = median(pairs.map(([own, other]) => own / other))
  return {
    name: 'counting JSON',
    measured: `${ratio.toFixed(1)} times as fast as JSON.parse alone (${thousands(median(pairs.map(([own]) => own)))} on one core)`,
    goal: 'at least as fast',
    met: ratio >= 1,
  }
}

function protobufSpeed(counting, body) {
  const rate = median(Array.from({ length: 7 }, () => speed(counter(counting, 'protobuf', body))))
  return { name: 'counting protobuf', measured: `${thousands(rate)} on one core`, goal: '5,000,000 spans/s', met: rate >= 5e6 }
}

function counter({ readItems, Tally, Items }, encoding, body) {
  const [tally, items] = [new Tally(), new Items()]
  return () => tally.record('traces', readItems({ signal: 'traces', encoding, body }, items))
}

/** Spans in a second of the processor's time, so that what else runs on the machine does not count. */
function speed(task) {
  const until = performance.now() + 300
  const start = process.cpuUsage()
  let rounds = 0
  while (performance.now() < until) {
    task()
    rounds++
  }
  const { user, system } = process.cpuUsage(start)
  return (rounds * BODY_SPANS * 1e6) / (user + system)
}

/** A hundred million spans, a hundredth of them twice. */
function memory({ Tally, Items }) {
  const [tally, items] = [new Tally(), new Items()]
  const used = () => {
    collectGarbage()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const before = used()
  const add = sequence => {
    items.length = 0
    for (let index = 0; index < 1000; index++) items.add(1, 2, sequence + index)
    tally.record('traces', items)
  }
  for (let sequence = 1; sequence <= SPANS; sequence += 1000) {
    add(sequence)
    if (sequence % 100_000 === 1) add(sequence)
  }
  const mb = (used() - before) / 1024 / 1024
  const { seen, again } = tally.of('0000000100000002').traces
  return {
    name: '100 million spans',
    measured: `${mb.toFixed(1)} MB with the duplicates' bookkeeping (${seen.size} seen, ${again.size} twice)`,
    goal: `under ${MOST_MB} MB`,
    met: mb < MOST_MB && seen.size === SPANS && again.size === SPANS / 100,
  }
}

if (process.argv[1] === import.meta.filename) {
  for (const result of process.argv[2] === 'in-process' ? await inProcess() : await sinkResults()) console.log(result)
}
