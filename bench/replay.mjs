// How fast `failoverctl replay` is: beside the same client with one prepared body, beside the loop of curl that it replaces, and how much memory it takes.
//   node bench/replay.mjs [--megabytes 4000]
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  BODY,
  clientProgram,
  copyProgram,
  head,
  median,
  percent,
  prepared,
  replayed,
  unseen,
  withBlindReceiver,
  writeBackup,
} from './replay-parts.mjs'

const ROUNDS = 5
const GOALS = { mbPerSecond: 600, spansPerSecond: 1_000_000, ofPrepared: 0.8, timesCurl: 1000, mb: 200 }
const CURL_LINES = 60

export async function replaySpeed(megabytes = 4000) {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-bench-'))
  try {
    const first = writeBackup(join(folder, 'backup'), megabytes)
    const program = copyProgram(folder)
    const [body, files] = [await clientProgram('prepared-body', folder), await clientProgram('unseen-lines', folder)]
    return await withBlindReceiver(async url => {
      const replayOnce = round => replayed(program, dirname(first), url, join(folder, `state-${round}`))
      // Not counted: files come into the memory of the system, and the receiver's code is compiled.
      await replayOnce('warm')
      const pairs = []
      for (let round = 0; round < ROUNDS; round++)
        pairs.push({
          peer: await prepared(body, url, BODY, BODY, megabytes * 1e6),
          own: await replayOnce(round),
          unseen: await unseen(files, url, dirname(first), megabytes * 1e6),
        })
      return rows(pairs, megabytes, curlLoop(first, url))
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function rows(pairs, megabytes, curl) {
  const own = figure => median(pairs, pair => pair.own[figure])
  const ratio = median(pairs, ({ own, peer }) => own.mbPerSecond / peer.mbPerSecond)
  const ofUnseen = median(pairs, ({ own, unseen }) => own.mbPerSecond / unseen.mbPerSecond)
  const mb = Math.max(...pairs.map(pair => pair.own.mb))
  return [
    {
      name: 'replay, receiver does not parse',
      measured: `${own('mbPerSecond').toFixed(0)} MB/s, ${Math.round(own('spansPerSecond'))} spans/s, ${own('cpuPerGb').toFixed(2)} s of processor time per GB with its start (median of ${ROUNDS})`,
      goal: `${GOALS.mbPerSecond} MB/s and ${GOALS.spansPerSecond} spans/s on two cores`,
      met: own('mbPerSecond') >= GOALS.mbPerSecond && own('spansPerSecond') >= GOALS.spansPerSecond,
    },
    {
      name: 'replay, of one prepared body',
      measured: `${percent(ratio)} of ${median(pairs, ({ peer }) => peer.mbPerSecond).toFixed(0)} MB/s, which take ${median(pairs, ({ peer }) => peer.cpuPerGb).toFixed(2)} s of processor time per GB (median of ${ROUNDS} pairs)`,
      goal: percent(GOALS.ofPrepared),
      met: ratio >= GOALS.ofPrepared,
    },
    {
      name: 'replay, of a client that reads the same files and looks at nothing',
      measured: `${percent(ofUnseen)} of ${median(pairs, ({ unseen }) => unseen.mbPerSecond).toFixed(0)} MB/s, which take ${median(pairs, ({ unseen }) => unseen.cpuPerGb).toFixed(2)} s of processor time per GB (median of ${ROUNDS})`,
    },
    {
      name: 'replay, against a loop of curl',
      measured: `${Math.round(own('linesPerSecond') / curl)} times its ${curl.toFixed(1)} lines/s`,
      goal: `${GOALS.timesCurl} times`,
      met: own('linesPerSecond') / curl >= GOALS.timesCurl,
    },
    {
      name: 'replay, memory',
      measured: `${mb.toFixed(0)} MB for ${megabytes} MB of backup`,
      goal: `${GOALS.mb} MB`,
      met: mb < GOALS.mb,
    },
  ]
}

/** The loop that people write: one curl a line, and a hundredth of a second of rest. Answers with lines a second. */
function curlLoop(backup, url) {
  const few = `${backup}.few`
  writeFileSync(few, `${head(backup).split('\n').slice(0, CURL_LINES).join('\n')}\n`)
  const loop = `while IFS= read -r line; do curl -s -X POST "$1" -H 'Content-Type: application/json' -d "$line" > /dev/null; sleep 0.01; done < "$2"`
  const startedAt = performance.now()
  execFileSync('bash', ['-c', loop, 'bash', `${url}/v1/traces`, few])
  return (CURL_LINES * 1000) / (performance.now() - startedAt)
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '4000' } } })
  for (const result of await replaySpeed(Number(values.megabytes))) console.log(result)
}
