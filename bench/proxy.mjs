// What the proxy costs: against a bare forwarder of node:http and undici, and against no hop at all, in pairs on the same machine.
//   npm run build && node bench/proxy.mjs
// Backend, forwarders and load (proxy-load.mjs) are processes of their own, warmed up. Throughput is closed loop. Latency is open loop
// at half of what the proxy did in this very run, counted from when a request was due, so that a slow moment cannot hide behind a late
// send. Rounds are short and interleaved, and the median round counts: what else the machine does would else be taken for the proxy.
// A round opens its connections anew, to a process that was idle for seconds and whose kept connections have timed out: a lead-in at the
// same rate is sent before requests count, for each of the three alike. What is measured is half load, and not the start of it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Agent } from 'undici'

const root = fileURLToPath(new URL('..', import.meta.url))
const self = fileURLToPath(import.meta.url)
const [role, ...args] = process.argv.slice(2)
/** Connections: closed loop, and open loop, where twice as many let a slow answer hold nobody up. */
const AT_ONCE = 32
const WARM_UP_S = 3
const LEAD_IN_S = 0.5
const CLOSED_ROUND_S = 0.5
const ROUND_S = 1
const ROUNDS = 9

/** Processor seconds that a process has used so far; undefined where the system does not tell. */
function cpuSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return undefined
  }
}

/** Seconds that its main thread was ready to run and had no core. */
function waitedSeconds(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e9
  } catch {
    return undefined
  }
}

/** Seconds that the machine beneath this one has kept from its cores. */
function stolenSeconds() {
  try {
    return Number(readFileSync('/proc/stat', 'utf8').split(/\s+/, 9)[8]) / 100
  } catch {
    return 0
  }
}

const roles = { backend, bare }
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
  const load = spawn(process.execPath, [join(root, 'bench/proxy-load.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(load)
  const answers = createInterface({ input: load.stdout })[Symbol.asyncIterator]()
  const measure = async ({ port, pid }, seconds, rate) => {
    const before = [cpuSeconds(pid), waitedSeconds(pid)]
    const open = { rate, leadIn: LEAD_IN_S, atOnce: 2 * AT_ONCE }
    load.stdin.write(`${JSON.stringify({ port, seconds, ...(rate === undefined ? { atOnce: AT_ONCE } : open) })}\n`)
    const result = JSON.parse((await answers.next()).value)
    if (result.failed > 0) throw new Error(`${result.failed} requests failed`)
    const requests = result.perSecond * seconds
    return {
      ...result,
      cpuMicroseconds: ((cpuSeconds(pid) - before[0]) * 1e6) / requests,
      // How much of the time it could have run and another process had the core.
      waited: (waitedSeconds(pid) - before[1]) / (rate === undefined ? seconds : LEAD_IN_S + seconds),
    }
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
    for (const one of [proxy, forwarder, target]) await measure(one, WARM_UP_S)

    const rounds = []
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push({
        proxy: await measure(proxy, CLOSED_ROUND_S),
        forwarder: await measure(forwarder, CLOSED_ROUND_S),
        direct: await measure(target, CLOSED_ROUND_S),
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
    const [stolenBefore, lateFrom] = [stolenSeconds(), performance.now()]
    for (let round = 0; round < ROUNDS; round++) {
      late.push({
        proxy: await measure(proxy, ROUND_S, half),
        forwarder: await measure(forwarder, ROUND_S, half),
        direct: await measure(target, ROUND_S, half),
      })
    }
    const stolen = ((stolenSeconds() - stolenBefore) / (availableParallelism() * (performance.now() - lateFrom))) * 1000
    const added = (name, share) => median(late.map(round => round[name][share] - round.direct[share]))
    const waited = name => `${(median(late.map(round => round[name].waited)) * 100).toFixed(0)} %`
    report(
      'added p99 at half load',
      `${added('proxy', 'p99').toFixed(2)} ms (p50 ${added('proxy', 'p50').toFixed(2)} ms, p90 ${added('proxy', 'p90').toFixed(2)} ms) at ${half} requests a second`,
      'below 2 ms',
      added('proxy', 'p99') < 2,
    )
    console.log(
      `        beside it: the bare forwarder adds ${added('forwarder', 'p99').toFixed(2)} ms (p50 ${added('forwarder', 'p50').toFixed(2)} ms); without a hop p99 is ${median(late.map(({ direct }) => direct.p99)).toFixed(2)} ms.`,
    )
    console.log(
      `        ${availableParallelism()} cores carry all processes: the proxy waited for one ${waited('proxy')} of the time, the bare forwarder ${waited('forwarder')}; ${(stolen * 100).toFixed(1)} % of them went to other machines; load ${loadavg()[0].toFixed(1)}.`,
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
