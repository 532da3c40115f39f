// Speed, each as a ratio against a peer in the same run: the two commands take turns, so that a slower moment hits both.
//   npm run bench
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { toBlindReceiver } from './blind.mjs'
import { chaosCost, chaosTimes } from './chaos.mjs'
import { manyConfigs } from './many.mjs'
import { replaySpeed } from './replay.mjs'
import { intoCollector } from './replay-collector.mjs'
import { packedReplays } from './replay-packed.mjs'
import { simulations } from './simulate.mjs'
import { sinkResults } from './sink.mjs'
import { steadyRate } from './steady-rate.mjs'
import { againstTelemetrygen } from './telemetrygen.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const node = process.execPath
const cli = 'bin/failoverctl.js'
const env = { ...process.env, NO_COLOR: '1' }

const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

function wall(args) {
  const before = performance.now()
  const { status, stderr } = spawnSync(node, args, { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
  return performance.now() - before
}

/** The median of the pairwise ratios, and both medians. */
function compare(name, args, peer, goal, runs = 21) {
  wall(args)
  wall(peer)
  const pairs = Array.from({ length: runs }, () => [wall(args), wall(peer)])
  const ratio = median(pairs.map(([own, other]) => own / other))
  const [own, other] = [0, 1].map(index => median(pairs.map(pair => pair[index])))
  report(
    name,
    `${ratio.toFixed(2)} times \`node -e 0\` (${own.toFixed(0)} ms, ${other.toFixed(0)} ms)`,
    `at most ${goal}`,
    ratio <= goal,
  )
}

const report = (name, measured, goal, met) =>
  console.log(`${met ? 'met   ' : 'MISSED'}  ${name.padEnd(28)} ${measured}; goal: ${goal}`)

/** The lab in one process, the sender in another: whatever was sent must have arrived. */
async function labThroughput(rate, seconds) {
  const lab = spawn(node, [cli, 'lab', '--free-ports', 'fixtures/poc/main.yaml'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  lab.stdout.on('data', chunk => {
    text += chunk
  })
  try {
    const url = await waitFor(() => /receiver otlp \(http\)\s+(\S+)/.exec(text)?.[1])
    const args = [
      'send',
      '--endpoint',
      url,
      '--rate',
      String(rate),
      '--duration',
      `${seconds}s`,
      '--spans-per-request',
      '100',
      '--json',
      '--quiet',
    ]
    const sender = spawn(node, [cli, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    let json = ''
    sender.stdout.on('data', chunk => {
      json += chunk
    })
    await once(sender, 'close')
    const sent = JSON.parse(json)
    lab.kill('SIGINT')
    await once(lab, 'close')
    const arrived = Array.from(text.matchAll(/accepted (\d+) items/g), ([, count]) => Number(count)).reduce(
      (sum, count) => sum + count,
      0,
    )
    const measured = `${sent.items_per_second} spans/s for ${sent.elapsed_s} s, ${sent.sent} sent, ${arrived} arrived, p99 ${sent.latency_ms.p99} ms`
    report(
      'lab throughput',
      measured,
      `${rate} spans/s, none lost`,
      arrived === sent.sent && sent.items_per_second >= rate * 0.99,
    )
  } finally {
    lab.kill('SIGKILL')
  }
}

async function waitFor(find) {
  for (let turn = 0; turn < 200; turn++) {
    const found = find()
    if (found) return found
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('the lab did not come up')
}

compare('failoverctl --version', [cli, '--version'], ['-e', '0'], 1.5)
compare('failoverctl validate', [cli, 'validate', 'fixtures/poc/main.yaml'], ['-e', '0'], 3)
const many = manyConfigs()
report(
  '1,000 configs',
  `${(many.ms / 1000).toFixed(2)} s, ${many.mb.toFixed(0)} MB, ${many.findings} findings`,
  '3 s, 150 MB',
  many.ms < 3000 && many.mb < 150,
)
simulations(report)
await labThroughput(20_000, 10)
for (const { name, measured, goal, met } of [
  await toBlindReceiver(),
  ...(await againstTelemetrygen()),
  await steadyRate(),
  ...(await sinkResults()),
  ...(await replaySpeed()),
  ...(await packedReplays()),
  await intoCollector(),
  await chaosCost(),
  await chaosTimes(),
])
  report(name, measured, goal, met)
// These two print their own lines.
for (const file of ['bench/engine.mjs', 'bench/proxy.mjs']) spawnSync(node, [file], { env, stdio: 'inherit' })
