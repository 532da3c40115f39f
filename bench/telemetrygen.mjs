// Accepted spans a second of `send` against telemetrygen's best, both to the same real collector, in turn.
//   node bench/telemetrygen.mjs
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { buildTelemetrygen } from '../test/collector/telemetrygen.mjs'
import { withNopCollector } from './nop-collector.mjs'
import { runSend } from './run-send.mjs'

/** Long enough that the compiling at the start of a process in JavaScript is a small part of it. */
const SECONDS = 5
const ROUNDS = 3
const GOAL = 8

/** What telemetrygen sends when nothing is said: a span and its child, each with two attributes. */
const SHAPE = ['--depth', '2', '--attribute', 'network.peer.address=1.2.3.4', '--attribute', 'peer.service=telemetrygen-server']

export async function againstTelemetrygen() {
  const binary = await buildTelemetrygen()
  return withNopCollector(async collector => [await compare(binary, collector, 'http'), await compare(binary, collector, 'grpc')])
}

/** The two take turns, so that a slower moment hits both. Neither's own count is believed: the collector says what it has accepted. */
async function compare(binary, collector, protocol) {
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    const theirs = (...settings) => accepted(collector, () => runTelemetrygen(binary, collector, protocol, settings))
    const [one, four] = [await theirs(), await theirs('--workers', '4')]
    rounds.push({
      own: await accepted(collector, () => sendAll(collector, protocol)),
      best: Math.max(one, four),
      tuned: await theirs('--batch-size', '1000'),
    })
  }
  const ratio = median(rounds.map(({ own, best }) => own / best))
  const tuned = median(rounds.map(({ own, tuned }) => own / tuned))
  const rates = ['own', 'best', 'tuned'].map(which => `${Math.round(median(rounds.map(round => round[which])) / 1000)}k`)
  return {
    name: `send over ${protocol === 'http' ? 'HTTP' : 'gRPC'}`,
    measured: `${ratio.toFixed(1)} times telemetrygen (${rates[0]} and ${rates[1]} spans/s accepted; ${tuned.toFixed(1)} times with its --batch-size 1000, ${rates[2]})`,
    goal: `at least ${GOAL}`,
    met: ratio >= GOAL,
  }
}

const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

/** Spans that the collector has accepted meanwhile, for each second that the sender says it has sent. */
async function accepted(collector, task) {
  const before = await collector.accepted()
  const seconds = await task()
  return ((await collector.accepted()) - before) / seconds
}

async function sendAll({ http, grpc }, protocol) {
  const { elapsed_s } = await runSend([
    ...['--protocol', protocol === 'http' ? 'http/protobuf' : 'grpc'],
    ...['--endpoint', `http://127.0.0.1:${protocol === 'http' ? http : grpc}`],
    ...['--rate', '0', '--duration', `${SECONDS}s`, ...SHAPE],
  ])
  return elapsed_s
}

async function runTelemetrygen(binary, { http, grpc }, protocol, settings) {
  const to =
    protocol === 'http' ? ['--otlp-http', '--otlp-endpoint', `127.0.0.1:${http}`] : ['--otlp-endpoint', `127.0.0.1:${grpc}`]
  const args = ['traces', ...to, '--otlp-insecure', '--rate', '0', '--duration', `${SECONDS}s`, ...settings]
  await finished(spawn(binary, args, { stdio: 'ignore' }))
  return SECONDS
}

async function finished(child) {
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${child.spawnargs.join(' ')} ended with ${code}`)
}

if (process.argv[1] === import.meta.filename) for (const result of await againstTelemetrygen()) console.log(result)
