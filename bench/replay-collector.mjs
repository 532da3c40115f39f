// `failoverctl replay` into a real collector that throws everything away, beside the same client with one prepared body: there the
// collector is what takes the time. As fast as it can, and adaptive, which gives a part of the speed for the backend's latency.
//   node bench/replay-collector.mjs [--megabytes 300]
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { withNopCollector } from './nop-collector.mjs'
import { BODY, copyProgram, head, median, percent, prepared, preparedBody, replayed, writeBackup } from './replay-parts.mjs'

const ROUNDS = 3
const GOAL = 0.9

export async function intoCollector(megabytes = 300) {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-bench-'))
  try {
    const [program, client] = [copyProgram(folder), await preparedBody(folder)]
    const backup = writeBackup(join(folder, 'backup'), megabytes)
    const body = writeBody(backup, join(folder, 'body.json'))
    const rounds = await withNopCollector(async ({ http, accepted }) => {
      const url = `http://127.0.0.1:${http}`
      const run = (name, flags) => replayed(program, dirname(backup), url, join(folder, name), flags)
      await run('warm')
      const done = []
      for (let round = 0; round < ROUNDS; round++) {
        const peer = await prepared(client, url, body, statSync(body).size, megabytes * 1e6)
        const before = await accepted()
        const own = await run(`state-${round}`, ['--no-adaptive'])
        const arrived = (await accepted()) - before
        if (arrived !== own.items) throw new Error(`${own.items} spans were sent, and the collector accepted ${arrived}`)
        done.push({ own, peer, adaptive: await run(`state-adaptive-${round}`) })
      }
      return done
    })
    const ratio = median(rounds, ({ own, peer }) => own.mbPerSecond / peer.mbPerSecond)
    const adaptive = median(rounds, ({ adaptive, peer }) => adaptive.mbPerSecond / peer.mbPerSecond)
    return {
      name: 'replay, into a real collector',
      measured: `${percent(ratio)} of ${median(rounds, ({ peer }) => peer.mbPerSecond).toFixed(0)} MB/s with one prepared body, ${Math.round(median(rounds, ({ own }) => own.spansPerSecond))} spans/s; adaptive ${percent(adaptive)}; processor time ${median(rounds, ({ own }) => own.cpuPerGb).toFixed(2)} s per GB, the prepared body ${median(rounds, ({ peer }) => peer.cpuPerGb).toFixed(2)} s (medians of ${ROUNDS})`,
      goal: `${GOAL * 100} %`,
      met: ratio >= GOAL,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A request of the size that replay makes, of the same lines. */
function writeBody(backup, file) {
  const resourceSpans = []
  let bytes = 0
  for (const line of head(backup).split('\n').slice(0, -1)) {
    bytes += line.length
    if (bytes > BODY) break
    resourceSpans.push(...JSON.parse(line).resourceSpans)
  }
  writeFileSync(file, JSON.stringify({ resourceSpans }))
  return file
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '300' } } })
  console.log(await intoCollector(Number(values.megabytes)))
}
