// `failoverctl replay` of packed backups and into another encoding, into a receiver that does not parse: what each costs, and how many cores work.
//   node bench/replay-packed.mjs [--megabytes 300]
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { copyProgram, line, median, replayed, rotatedName, withBlindReceiver, writeBlocks } from './replay-parts.mjs'

const ROUNDS = 3
const GOAL_MB = 200
const LINES = 1000

/** Each writes one file of so many bytes when unpacked, and has the flags of its run. */
const KINDS = [
  { name: 'gzip', block: text => gzipSync(text), flags: [] },
  { name: 'native zstd', block: (text, folder) => zstd([text], folder)[0], flags: [], needs: 'zstd' },
  {
    name: 'zstd frames',
    block: (text, folder) => Buffer.concat(zstd(text.trimEnd().split('\n'), folder).flatMap(framed)),
    flags: [],
    needs: 'zstd',
  },
  { name: 'JSON to protobuf', block: text => Buffer.from(text), flags: ['--protocol', 'http/protobuf'] },
  { name: 'gzip, JSON to protobuf', block: text => gzipSync(text), flags: ['--protocol', 'http/protobuf'] },
]

export async function packedReplays(megabytes = 300) {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-bench-'))
  try {
    const program = copyProgram(folder)
    return await withBlindReceiver(async url => {
      const rows = []
      for (const kind of KINDS.filter(({ needs }) => !needs || isThere(needs))) {
        const backup = join(folder, kind.name.replaceAll(/\W+/g, '-'))
        writePacked(kind, backup, megabytes, folder)
        const runs = []
        for (let round = 0; round < ROUNDS; round++)
          runs.push(await replayed(program, backup, url, `${backup}-state-${round}`, kind.flags))
        rows.push(row(kind.name, runs))
        rmSync(backup, { recursive: true })
      }
      return rows
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function row(name, runs) {
  const figure = name => median(runs, run => run[name])
  const mb = Math.max(...runs.map(run => run.mb))
  const rate = `${figure('mbPerSecond').toFixed(0)} MB/s unpacked, ${Math.round(figure('spansPerSecond'))} spans/s`
  return {
    name: `replay, ${name}`,
    measured: `${rate}, ${figure('cpuPerGb').toFixed(2)} s of processor time per GB on ${figure('cores').toFixed(1)} cores, ${mb.toFixed(0)} MB of memory (median of ${ROUNDS})`,
    goal: `${GOAL_MB} MB`,
    met: mb < GOAL_MB,
  }
}

function writePacked({ block }, backup, megabytes, folder) {
  const text = Array.from({ length: LINES }, line).join('')
  const packed = block(text, folder)
  mkdirSync(backup)
  writeBlocks(join(backup, rotatedName(0)), packed, (megabytes * 1e6 * packed.length) / text.length)
}

/** Each text as a stream of its own. */
function zstd(texts, folder) {
  const scratch = mkdtempSync(join(folder, 'zstd-'))
  const files = Array.from(texts, (_, index) => join(scratch, String(index)))
  for (const [index, file] of files.entries()) writeFileSync(file, texts[index])
  execFileSync('zstd', ['-q', ...files])
  return files.map(file => readFileSync(`${file}.zst`))
}

/** As the file exporter does with a compressed message: its length before it, 4 bytes, big-endian. */
function framed(packed) {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(packed.length)
  return [length, packed]
}

function isThere(program) {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    console.error(`left out: no ${program} on this machine`)
    return false
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '300' } } })
  for (const result of await packedReplays(Number(values.megabytes))) console.log(result)
}
