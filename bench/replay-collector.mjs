// `failoverctl replay` into a real collector that throws everything away, beside the same client with the same lines as bodies that
// lie ready: there the collector is what takes the time, and it takes less for a single body that it has just read. As fast as it can,
// and adaptive, which gives a part of the speed for the backend's latency.
//   node bench/replay-collector.mjs [--megabytes 1000]
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { withNopCollector } from './nop-collector.mjs'
import {
  BODY,
  clientProgram,
  copyProgram,
  head,
  LINES,
  median,
  percent,
  prepared,
  replayed,
  writeBackup,
} from './replay-parts.mjs'

const ROUNDS = 5
const GOAL = 0.9

export async function intoCollector(megabytes = 1000) {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-bench-'))
  try {
    const [program, client] = [copyProgram(folder), await clientProgram('prepared-body', folder)]
    const backup = writeBackup(join(folder, 'backup'), megabytes)
    const bodies = writeBodies(backup, join(folder, 'bodies.jsonl'))
    const rounds = await withNopCollector(async ({ http, accepted }) => {
      const url = `http://127.0.0.1:${http}`
      const run = (name, flags) => replayed(program, dirname(backup), url, join(folder, name), flags)
      await run('warm')
      const done = []
      for (let round = 0; round < ROUNDS; round++) {
        const peer = await prepared(client, url, bodies, BODY, megabytes * 1e6)
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
      measured: `${percent(ratio)} of ${median(rounds, ({ peer }) => peer.mbPerSecond).toFixed(0)} MB/s with bodies that lie ready, ${Math.round(median(rounds, ({ own }) => own.spansPerSecond))} spans/s; adaptive ${percent(adaptive)}; processor time ${median(rounds, ({ own }) => own.cpuPerGb).toFixed(2)} s per GB, the bodies that lie ready ${median(rounds, ({ peer }) => peer.cpuPerGb).toFixed(2)} s (medians of ${ROUNDS})`,
      goal: `${GOAL * 100} %`,
      met: ratio >= GOAL,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Requests of the size that replay makes, of all the lines that the backup has again and again. */
function writeBodies(backup, file) {
  const bodies = []
  let [resources, bytes] = [[], 0]
  for (const line of head(backup, statSync(backup).size).split('\n').slice(0, LINES)) {
    if (bytes + line.length > BODY) {
      bodies.push(JSON.stringify({ resourceSpans: resources }))
      ;[resources, bytes] = [[], 0]
    }
    resources.push(...JSON.parse(line).resourceSpans)
    bytes += line.length
  }
  writeFileSync(file, bodies.map(body => `${body}\n`).join(''))
  return file
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '1000' } } })
  console.log(await intoCollector(Number(values.megabytes)))
}
