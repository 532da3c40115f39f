// What `watch` costs over 200 collectors each second, and `status` of one against `node -e 0` and the time of its answer.
//   node bench/watch.mjs [seconds]
import { fork, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, get } from 'node:http'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const COLLECTORS = 200
const node = process.execPath
const cli = 'bin/failoverctl.js'
const env = { ...process.env, NO_COLOR: '1' }
const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

/** What real collectors answered; each counts on, as one with traffic does. */
async function serveMetrics(file) {
  const lines = readFileSync(`fixtures/metrics/${file}.txt`, 'utf8').split('\n')
  let turn = 0
  const port = 20_000 + (process.pid % 20_000)
  for (let index = 0; index < COLLECTORS; index++) {
    const server = createServer((_, response) => {
      turn++
      const text = lines
        .map(line =>
          /^otelcol_(exporter_sent|receiver_accepted|process_uptime)/.test(line) ? `${line.split(' ')[0]} ${turn}` : line,
        )
        .join('\n')
      response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores')
      // Go's server writes a long answer in chunks, and so does this.
      response.write(text.slice(0, 2048))
      response.end(text.slice(2048))
    })
    server.keepAliveTimeout = 0
    server.listen(port, `127.0.1.${index + 1}`)
    await once(server, 'listening')
  }
  process.send(port)
}

/** Processor seconds of a process so far, and the most memory that it has had. */
function usage(pid) {
  const [, fields = ''] = /\) (.*)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
  const [utime, stime] = fields.split(' ').slice(11, 13).map(Number)
  const [, peak] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return { cpuS: (utime + stime) / 100, peakMb: Number(peak) / 1000 }
}

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))

/** On a terminal of its own: the picture is drawn, too. */
const onTerminal = words => ['-qefc', words.join(' '), '/dev/null']

async function watchCost(file, seconds, drawn, isGoal = true) {
  const sink = fork(fileURLToPath(import.meta.url), ['--serve', file])
  const [port] = await once(sink, 'message')
  const addresses = Array.from({ length: COLLECTORS }, (_, index) => [
    '--collector',
    `http://127.0.1.${index + 1}:${port}/metrics`,
  ])
  const words = [cli, 'watch', ...addresses.flat(), '--config', 'fixtures/bench/failover.yaml', '--interval', '1s']
  const child = drawn
    ? spawn('script', onTerminal([node, ...words]), {
        env: { ...env, TERM: 'xterm', COLUMNS: '80' },
        stdio: ['pipe', 'ignore', 'inherit'],
      })
    : spawn(node, [...words, '--plain'], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    await sleep(4000)
    const pid = drawn ? descendant(child.pid) : child.pid
    const before = usage(pid)
    await sleep(seconds * 1000)
    const after = usage(pid)
    const cores = (after.cpuS - before.cpuS) / seconds
    const met = cores < 0.5 && after.peakMb < 150
    console.log(
      `${isGoal ? (met ? 'met   ' : 'MISSED') : '      '}  watch ${COLLECTORS}, ${file}, ${drawn ? 'drawn' : 'plain'}  ${cores.toFixed(2)} cores, ${after.peakMb.toFixed(0)} MB at most${isGoal ? '; goal: under 0.5 cores and 150 MB' : ''}`,
    )
  } finally {
    child.kill('SIGINT')
    sink.kill()
    await once(child, 'close')
  }
}

/** script starts a shell, which becomes or starts what was asked for. */
function descendant(pid) {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  return child ? descendant(Number(child)) : pid
}

async function statusSpeed(runs = 15) {
  const sink = fork(fileURLToPath(import.meta.url), ['--serve', 'normal-level1'])
  const [port] = await once(sink, 'message')
  const url = `http://127.0.1.1:${port}/metrics`
  const wall = args => {
    const before = performance.now()
    const { status, stderr } = spawnSync(node, args, { env, encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return performance.now() - before
  }
  const answer = async () => {
    const before = performance.now()
    await new Promise((resolve, reject) => get(url, response => response.resume().on('end', resolve)).on('error', reject))
    return performance.now() - before
  }
  try {
    const rounds = []
    for (let run = 0; run < runs; run++)
      rounds.push([
        wall([cli, 'status', '--collector', url, '--config', 'fixtures/bench/failover.yaml']),
        wall(['-e', '0']),
        await answer(),
      ])
    const ratio = median(rounds.map(([own, empty, answered]) => own / (3 * empty + answered)))
    const [own, empty, answered] = [0, 1, 2].map(index => median(rounds.map(round => round[index])))
    console.log(
      `${ratio <= 1 ? 'met   ' : 'MISSED'}  status of one  ${own.toFixed(0)} ms; \`node -e 0\` ${empty.toFixed(0)} ms, the answer ${answered.toFixed(1)} ms; goal: at most 3 times the one plus the other`,
    )
  } finally {
    sink.kill()
  }
}

if (process.argv[2] === '--serve') await serveMetrics(process.argv[3])
else {
  const seconds = Number(process.argv[2] ?? 20)
  await statusSpeed()
  await watchCost('normal-level1', seconds, false)
  await watchCost('normal-level1', seconds, true)
  // Eight times the text, where `level: detailed` is set; what it costs, without a goal.
  await watchCost('detailed-level1', seconds, false, false)
}
