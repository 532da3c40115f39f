import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SHARDS = 16
const LINES = 6000

const folder = mkdtempSync(join(tmpdir(), 'failoverctl-shards-'))
// A copy, so that a build that goes on meanwhile does not take the program away between two runs.
const CLI = join(folder, 'program/bin/failoverctl.js')
for (const part of ['bin', 'dist', 'package.json']) cpSync(join(ROOT, part), join(folder, 'program', part), { recursive: true })
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Lines of 4 KiB, so that each file has a dozen blocks to share. */
function writeBackup(name: string, lines: number): string {
  const backup = join(folder, name)
  mkdirSync(backup)
  for (let number = 1; number <= lines; number++) {
    const id = String(number).padStart(16, '0')
    const file = join(backup, `traces-2026-11-21T0${number <= lines / 2 ? 3 : 4}-12-32.726-size.jsonl`)
    const span = `{"traceId":"${'ab'.repeat(16)}","spanId":"${id}","name":"${'x'.repeat(4000)}","startTimeUnixNano":"1","endTimeUnixNano":"2"}`
    appendFileSync(file, `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}\n`)
  }
  return backup
}

/** Takes every span, slowly enough to be caught at work. */
async function sink(delayMs: number) {
  const taken = new Map<number, number>()
  const counts = { requests: 0 }
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const text = Buffer.concat(parts).toString()
    const numbers = Array.from(text.matchAll(/"spanId":"(\d+)"/g), ([, digits]) => Number(digits))
    if (numbers.length > 0) counts.requests++
    for (const number of numbers) taken.set(number, (taken.get(number) ?? 0) + 1)
    setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'), delayMs)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { taken, counts, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

function replay(backup: string, url: string, ...flags: string[]) {
  const args = [CLI, 'replay', backup, '--endpoint', url, '--json', '--quiet', '--request-items', '20', ...flags]
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout?.on('data', chunk => (out += chunk))
  child.stderr?.on('data', chunk => (err += chunk))
  const ended = once(child, 'close').then(([code, signal]) => ({
    code,
    signal,
    err,
    summary: out === '' ? undefined : JSON.parse(out),
  }))
  return { child, ended }
}

const until = async (done: () => boolean) => {
  for (let turn = 0; turn < 3000 && !done(); turn++) await new Promise(resolve => setTimeout(resolve, 10))
  expect(done()).toBe(true)
}

test(`${SHARDS} shards side by side send each line once, also when two of them are killed and run again`, async () => {
  const backup = writeBackup('backup', LINES)
  const { taken, counts, url, close } = await sink(30)
  const shards = Array.from({ length: SHARDS }, (_, index) =>
    replay(backup, url, '--shard', `${index}/${SHARDS}`, '--concurrency', '2'),
  )
  await until(() => counts.requests > 40)
  for (const index of [3, 7]) shards[index]?.child.kill('SIGKILL')
  const ends = await Promise.all(shards.map(({ ended }) => ended))
  const killed = ends.flatMap(({ signal }, index) => (signal === 'SIGKILL' ? [index] : []))
  expect(ends.filter(({ signal }) => signal === null).map(({ code, err }) => [code, err])).toEqual(
    Array.from({ length: SHARDS - killed.length }, () => [0, '']),
  )
  expect(killed.length).toBeGreaterThan(0)
  const again = await Promise.all(killed.map(index => replay(backup, url, '--shard', `${index}/${SHARDS}`).ended))
  expect(again.map(({ code, err }) => [code, err])).toEqual(killed.map(() => [0, '']))

  expect(taken.size).toBe(LINES)
  const doubled = [...taken.values()].filter(times => times > 1).length
  // What each of the killed had in doubt: 8 requests of 20 lines.
  expect(doubled).toBeLessThanOrEqual(killed.length * 8 * 20)
  const sent = ends.reduce((sum, { summary }) => sum + (summary?.acknowledged.lines ?? 0), 0)
  expect(sent).toBeGreaterThan(LINES / 2)

  // No shard puts a file away; a run of all finds nothing left to send, and does.
  expect(existsSync(join(backup, 'processed'))).toBe(false)
  const before = counts.requests
  const last = await replay(backup, url).ended
  expect([last.code, last.err, last.summary.read.lines, last.summary.files.moved]).toEqual([0, '', 0, 2])
  expect(counts.requests).toBe(before)
  expect(readdirSync(join(backup, 'processed'))).toHaveLength(2)
  close()
}, 120_000)

test('a whole run and a shard keep each other out', async () => {
  const backup = writeBackup('kept out', 1600)
  const { counts, url, close } = await sink(30)
  const whole = replay(backup, url, '--rate', '5req/s')
  await until(() => counts.requests > 0)
  const shard = await replay(backup, url, '--shard', '0/2').ended
  expect(shard.code).toBe(4)
  expect(shard.err).toContain('another replay of this backup is running')
  whole.child.kill('SIGKILL')
  await whole.ended
  const slow = replay(backup, url, '--shard', '0/1', '--rate', '5req/s')
  const seen = counts.requests
  await until(() => counts.requests > seen)
  expect((await replay(backup, url).ended).code).toBe(4)
  slow.child.kill('SIGKILL')
  await slow.ended
  close()
}, 60_000)

test('SIGUSR1 pauses a replay, SIGUSR2 lets it go on', async () => {
  const backup = writeBackup('paused', 1000)
  const { counts, taken, url, close } = await sink(5)
  const { child, ended } = replay(backup, url, '--rate', '20req/s')
  await until(() => counts.requests >= 3)
  child.kill('SIGUSR1')
  await new Promise(resolve => setTimeout(resolve, 500))
  const paused = counts.requests
  await new Promise(resolve => setTimeout(resolve, 1000))
  expect(counts.requests).toBe(paused)
  child.kill('SIGUSR2')
  const { code, summary } = await ended
  expect([code, summary.acknowledged.lines, taken.size]).toEqual([0, 1000, 1000])
  close()
}, 60_000)
