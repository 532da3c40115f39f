// Speed of the failover engine, in one process; peers take turns with it, so that a slower moment hits both.
//   node bench/engine.mjs
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  retry,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const outfile = `${root}generated/engine-bench.mjs`
await build({
  stdin: {
    contents: `export * from './src/failover/manager.ts'
export * from './src/failover/failure.ts'
export * from './src/failover/strategies/index.ts'
export { realClock } from './src/adapters/clock.ts'`,
    resolveDir: root,
  },
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
})
const { Manager, STRATEGIES, realClock } = await import(outfile)

const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
const report = (name, measured, goal, met) => {
  console.log(`${met ? 'met   ' : 'MISSED'}  ${name.padEnd(34)} ${measured}; goal: ${goal}`)
  if (!met) process.exitCode = 1
}

const endpoints = n => Array.from({ length: n }, (_, i) => ({ id: `e${i}`, url: `http://e${i}`, weight: (i % 5) + 1 }))
const managerOf = (n, settings = {}) => new Manager(endpoints(n), settings, { clock: realClock, random: Math.random })

/** The processor's time, which other processes do not lengthen as they do the clock's. */
function cpuMicroseconds(work) {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

const keys = Array.from({ length: 1000 }, (_, i) => `trace-${i}`)

// Each in a process of its own, as in use: what the compiler has learnt of one strategy slows the next.
const [strategy] = process.argv.slice(2)
if (strategy) measureStrategy(strategy)
else
  for (const name of STRATEGIES.keys()) spawnSync(process.execPath, [fileURLToPath(import.meta.url), name], { stdio: 'inherit' })

function measureStrategy(name) {
  const manager = managerOf(100, { strategy: name })
  // Picked and recorded in lots of 1000, so that each has its own figure; the first rounds warm up.
  const rounds = Array.from({ length: 80 }, () => {
    const leases = []
    const pick = cpuMicroseconds(() => {
      for (let i = 0; i < 1000; i++) leases.push(manager.pick({ key: keys[i] }))
    })
    const record = cpuMicroseconds(() => {
      for (const lease of leases) manager.end(lease)
    })
    return [pick, record]
  }).slice(20)
  // Microseconds for a thousand are nanoseconds for one.
  const [pickNs, recordNs] = [0, 1].map(at => median(rounds.map(round => round[at])))
  report(
    `${name}, 100 endpoints`,
    `pick ${pickNs.toFixed(0)} ns, record ${recordNs.toFixed(0)} ns`,
    'each under 1000',
    pickNs < 1000 && recordNs < 1000,
  )
}

const work = async () => 1
async function perCall(call, times = 20_000) {
  const before = performance.now()
  for (let i = 0; i < times; i++) await call()
  return ((performance.now() - before) * 1e6) / times
}

/** cockatiel's policies as its readme wraps them. */
const peers = {
  'breaker and retry': [retrying(), breaking()],
  'breaker, retry and timeout': [timeout(30_000, TimeoutStrategy.Aggressive), retrying(), breaking()],
}
function retrying() {
  return retry(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff() })
}
function breaking() {
  return circuitBreaker(handleAll, { halfOpenAfter: 5000, breaker: new ConsecutiveBreaker(5) })
}

async function against(name, settings, peerName) {
  const manager = managerOf(3, settings)
  const policy = wrap(...peers[peerName])
  const own = () => manager.execute(work)
  const peer = () => policy.execute(work)
  await perCall(own)
  await perCall(peer)
  const pairs = []
  for (let i = 0; i < 11; i++) pairs.push([await perCall(own), await perCall(peer)])
  const ratio = median(pairs.map(([a, b]) => a / b))
  const [a, b] = [0, 1].map(at => median(pairs.map(pair => pair[at])))
  report(name, `${ratio.toFixed(2)} times cockatiel's ${peerName} (${a.toFixed(0)} ns, ${b.toFixed(0)} ns)`, 'below 1', ratio < 1)
  await manager.close()
}

if (!strategy) await compareExecute()

async function compareExecute() {
  await against('execute', { timeoutMs: Number.POSITIVE_INFINITY }, 'breaker and retry')
  await against('execute with a deadline', {}, 'breaker, retry and timeout')
}
