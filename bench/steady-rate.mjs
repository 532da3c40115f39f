// Whether `send --rate 50000` is 50,000 spans a second, over a minute, to a real collector.
//   node bench/steady-rate.mjs [seconds]
import { withNopCollector } from './nop-collector.mjs'
import { runSend } from './run-send.mjs'

const RATE = 50_000
const WITHIN = 0.01
const MOST_MB = 200

export const steadyRate = (seconds = 60) =>
  withNopCollector(async collector => {
    const args = ['--protocol', 'http/protobuf', '--endpoint', `http://127.0.0.1:${collector.http}`]
    const sent = await runSend([...args, '--rate', String(RATE), '--duration', `${seconds}s`])
    const accepted = await collector.accepted()
    const off = Math.abs(sent.items_per_second / RATE - 1)
    return {
      name: `send --rate ${RATE}`,
      measured: `${sent.items_per_second} spans/s over ${sent.elapsed_s} s, ${accepted} of ${sent.sent} accepted, p99 ${sent.latency_ms.p99} ms, ${sent.mb.toFixed(0)} MB`,
      goal: `within ${WITHIN * 100} %, none lost, ${MOST_MB} MB`,
      met: off <= WITHIN && accepted === sent.sent && sent.acknowledged === sent.sent && sent.mb < MOST_MB,
    }
  })

if (process.argv[1] === import.meta.filename) console.log(await steadyRate(Number(process.argv[2] ?? 60)))
