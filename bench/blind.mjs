// Spans a second that one `send` gets out, to a receiver in a process of its own that looks at nothing.
//   node bench/blind.mjs
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { runSend } from './run-send.mjs'

const ROUNDS = 3
const GOAL = 1_000_000
const MOST_MB = 200

export async function toBlindReceiver() {
  const receiver = spawn(process.execPath, [fileURLToPath(new URL('blind-receiver.mjs', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [port] = await once(receiver.stdout, 'data')
    const args = [
      '--protocol',
      'http/protobuf',
      '--endpoint',
      `http://127.0.0.1:${Number(port)}`,
      '--rate',
      '0',
      '--duration',
      '5s',
    ]
    const runs = []
    for (let round = 0; round < ROUNDS; round++) runs.push(await runSend(args))
    const [best] = runs.toSorted((a, b) => b.items_per_second - a.items_per_second)
    const mb = Math.max(...runs.map(run => run.mb))
    return {
      name: 'send, receiver does not parse',
      measured: `${Math.round(best.items_per_second)} spans/s acknowledged over HTTP (best of ${ROUNDS}), ${mb.toFixed(0)} MB`,
      goal: `${GOAL} spans/s from one process, ${MOST_MB} MB`,
      met: best.items_per_second >= GOAL && best.acknowledged === best.sent && mb < MOST_MB,
    }
  } finally {
    receiver.kill('SIGKILL')
  }
}

if (process.argv[1] === import.meta.filename) console.log(await toBlindReceiver())
