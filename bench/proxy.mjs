// What the proxy costs: against a bare forwarder of node:http and undici, and against no hop at all, in pairs on the same machine.
//   npm run build && node bench/proxy.mjs
// Backend, forwarders and load are processes of their own. The load is open loop for latency, closed loop for throughput.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Agent } from 'undici'

const root = fileURLToPath(new URL('..', import.meta.url))
const self = fileURLToPath(import.meta.url)
const [role, ...args] = process.argv.slice(2)
const BODY = Buffer.alloc(2048, 'x')
const AT_ONCE = 32

/** Processor seconds that a process has used so far; undefined where the system does not tell. */
function cpuSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return undefined
  }
}

const roles = { backend, bare, load }
if (role) await roles[role](...args)
else await compare()

/** Reads what it is sent and says yes. */
async function backend() {
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json', 'content-length': 2 }).end('{}'))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  console.log(`at ${server.address().port}`)
}

/** The least that forwards: node:http in front of undici's stream API, without failover, limits or anything else. */
async function bare(port) {
  const agent = new Agent({ connections: 128, pipelining: 1 })
  const server = createServer((request, response) => {
    const { host: _, connection: __, 'transfer-encoding': ___, ...headers } = request.headers
    agent.stream(
      { origin: `http://127.0.0.1:${port}`, path: request.url, method: request.method, headers, body: request },
      ({ statusCode, headers: { connection: ____, 'transfer-encoding': _____, 'keep-alive': ______, ...back } }) =>
        response.writeHead(statusCode, back),
      error => error && response.destroy(),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  console.log(`at ${server.address().port}`)
}

/** `rate` 0: as many as AT_ONCE connections carry. Prints requests a second and latencies in ms, of what ended well. */
async function load(port, seconds, rate) {
  const agent = new Agent({ connections: AT_ONCE, pipelining: 1 })
  const latencies = []
  let failed = 0
  const one = async dueAt => {
    const { statusCode, body } = await agent.request({
      origin: `http://127.0.0.1:${port}`,
      path: '/v1/traces',
      method: 'POST',
      body: BODY,
      headers: { 'content-type': 'application/json' },
    })
    await body.dump()
    if (statusCode === 200) latencies.push(performance.now() - dueAt)
    else failed++
  }
  const start = performance.now()
  const until = start + seconds * 1000
  if (Number(rate) === 0) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (performance.now() < until) await one(performance.now())
      }),
    )
  } else {
    const pending = []
    for (let sent = 0; performance.now() < until; ) {
      const due = start + (sent / rate) * 1000
      if (due > performance.now()) await new Promise(resolve => setTimeout(resolve, Math.max(0, due - performance.now() - 0.5)))
      // From the instant at which it was due: a slow moment cannot hide behind a late send.
      pending.push(one(due))
      sent++
    }
    await Promise.all(pending)
  }
  latencies.sort((a, b) => a - b)
  const at = share => latencies[Math.floor(share * (latencies.length - 1))] ?? 0
  console.log(
    JSON.stringify({ perSecond: latencies.length / ((performance.now() - start) / 1000), p50: at(0.5), p99: at(0.99), failed }),
  )
  await agent.close()
}

async function compare() {
  const children = []
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-bench-'))
  const start = async (args, pattern) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    children.push(child)
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', part => {
        text += part
      })
    }
    for (let tries = 0; tries < 300; tries++) {
      const found = pattern.exec(text)
      if (found) return { port: found[1], pid: child.pid }
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    throw new Error(`${args.join(' ')} did not start: ${text}`)
  }
  const measure = async ({ port, pid }, seconds, rate) => {
    const before = cpuSeconds(pid)
    const child = spawn(process.execPath, [self, 'load', port, String(seconds), String(rate)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout.on('data', part => {
      text += part
    })
    await once(child, 'close')
    const result = JSON.parse(text)
    if (result.failed > 0) throw new Error(`${result.failed} requests failed`)
    const used = cpuSeconds(pid) - before
    return { ...result, cpuMicroseconds: (used * 1e6) / (result.perSecond * seconds) }
  }
  try {
    const target = await start([self, 'backend'], /at (\d+)/)
    const file = join(folder, 'proxy.yaml')
    writeFileSync(
      file,
      `listeners: [{listen: "127.0.0.1:0", endpoints: ["http://127.0.0.1:${target.port}", "http://127.0.0.1:1"]}]\n`,
    )
    const proxy = await start([join(root, 'bin/failoverctl.js'), 'proxy', file], /:(\d+)\s/)
    const forwarder = await start([self, 'bare', target.port], /at (\d+)/)
    const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
    for (const one of [proxy, forwarder, target]) await measure(one, 2, 0)

    const rounds = []
    for (let round = 0; round < 5; round++) {
      rounds.push({
        proxy: await measure(proxy, 2, 0),
        forwarder: await measure(forwarder, 2, 0),
        direct: await measure(target, 2, 0),
      })
    }
    const rate = name => median(rounds.map(round => round[name].perSecond))
    const ratio = peer => median(rounds.map(round => round.proxy.perSecond / round[peer].perSecond))
    const figures = `${rate('proxy').toFixed(0)} requests a second`
    report(
      'proxy against bare undici',
      `${(ratio('forwarder') * 100).toFixed(0)} % (${figures}, ${rate('forwarder').toFixed(0)})`,
      'at least 60 %',
      ratio('forwarder') >= 0.6,
    )
    // The processor's time of the process alone: a machine with other work to do shows the same.
    const cpu = name => median(rounds.map(round => round[name].cpuMicroseconds))
    const cheap = cpu('forwarder') / cpu('proxy')
    report(
      'by processor time',
      `${(cheap * 100).toFixed(0)} % (${cpu('proxy').toFixed(0)} µs a request, ${cpu('forwarder').toFixed(0)} µs)`,
      'at least 60 %',
      cheap >= 0.6,
    )
    console.log(`        against no hop at all        ${(ratio('direct') * 100).toFixed(0)} % (${rate('direct').toFixed(0)})`)

    const half = Math.floor(rate('proxy') / 2)
    const late = []
    for (let round = 0; round < 5; round++) {
      late.push({
        proxy: await measure(proxy, 2, half),
        forwarder: await measure(forwarder, 2, half),
        direct: await measure(target, 2, half),
      })
    }
    const added = (name, share) => median(late.map(round => round[name][share] - round.direct[share]))
    const context = `at ${half} requests a second; the bare forwarder adds ${added('forwarder', 'p99').toFixed(2)} ms`
    report(
      'added p99 at half load',
      `${added('proxy', 'p99').toFixed(2)} ms (p50 ${added('proxy', 'p50').toFixed(2)} ms) ${context}`,
      'below 2 ms',
      added('proxy', 'p99') < 2,
    )
  } finally {
    for (const child of children) child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

function report(name, measured, goal, met) {
  console.log(`${met ? 'met   ' : 'MISSED'}  ${name.padEnd(28)} ${measured}; goal: ${goal}`)
  if (!met) process.exitCode = 1
}
