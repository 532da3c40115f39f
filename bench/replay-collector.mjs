// `failoverctl replay` into a real collector that throws everything away, beside the same client with one prepared body: there the
// collector is what takes the time. As fast as it can, and adaptive, which gives a part of the speed for the backend's latency.
//   node bench/replay-collector.mjs [--megabytes 300]
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { withNopCollector } from './nop-collector.mjs'
import { BODY, CONCURRENCY, copyProgram, head, preparedBody, replayed, writeBackup } from './replay.mjs'

const ROUNDS = 3
const GOAL = 0.9

export async function intoCollector(megabytes = 300) {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-bench-'))
  try {
    const [program, prepared] = [copyProgram(folder), await preparedBody(folder)]
    const backup = writeBackup(join(folder, 'backup'), megabytes)
    const body = writeBody(backup, join(folder, 'body.json'))
    const pairs = await withNopCollector(async ({ http, accepted }) => {
      const url = `http://127.0.0.1:${http}`
      const done = []
      for (let round = 0; round < ROUNDS; round++) {
        const peer = await bodies(prepared, url, body, megabytes)
        const before = await accepted()
        const own = await replayed(program, backup, url, join(folder, `state-${round}`), ['--no-adaptive'])
        const arrived = (await accepted()) - before
        if (arrived !== own.items) throw new Error(`${own.items} spans were sent, and the collector accepted ${arrived}`)
        const adaptive = await replayed(program, backup, url, join(folder, `state-adaptive-${round}`))
        done.push({ own, peer, ratio: own.mbPerSecond / peer, adaptive: adaptive.mbPerSecond / peer })
      }
      return done
    })
    const [best] = pairs.toSorted((one, other) => other.ratio - one.ratio)
    return {
      name: 'replay, into a real collector',
      measured: `${percent(best.ratio)} of ${best.peer.toFixed(0)} MB/s with one prepared body (${pairs.map(({ ratio }) => percent(ratio)).join(', ')}), ${Math.round(best.own.spansPerSecond)} spans/s; adaptive ${pairs.map(({ adaptive }) => percent(adaptive)).join(', ')}`,
      goal: `${GOAL * 100} %`,
      met: best.ratio >= GOAL,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const percent = share => `${(share * 100).toFixed(0)} %`

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

/** Megabytes a second. */
async function bodies(prepared, url, body, megabytes) {
  const count = Math.ceil((megabytes * 1e6) / statSync(body).size)
  const { stdout } = await promisify(execFile)(process.execPath, [prepared, url, body, String(count), String(CONCURRENCY)])
  return Number(stdout) / 1e6
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '300' } } })
  console.log(await intoCollector(Number(values.megabytes)))
}
