import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { seeded } from '../../src/core/random.ts'
import { inDoubtAtMost } from '../../src/replay/pump.ts'
import { backupOf } from '../replay/world.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const KILLS = Number(process.env.KILL_COUNT ?? 8)
const SEED = Number(process.env.KILL_SEED ?? 20261121)
const LINES = 4000
const PER_REQUEST = 10
const CONCURRENCY = 4
const BOUND = inDoubtAtMost(CONCURRENCY) * PER_REQUEST

const folder = mkdtempSync(join(tmpdir(), 'failoverctl-kill-'))
// A copy, so that a build that goes on meanwhile does not take the program away between two runs.
const CLI = join(folder, 'program/bin/failoverctl.js')
for (const part of ['bin', 'dist', 'package.json']) cpSync(join(ROOT, part), join(folder, 'program', part), { recursive: true })
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Takes spans, is slow, and at random refuses, forgets to answer, or resets the connection after it has taken them. */
function faultySink(random: () => number) {
  const taken = new Map<number, number>()
  const state = { unanswered: 0, requests: 0 }
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const numbers = Array.from(
      Buffer.concat(parts)
        .toString()
        .matchAll(/"spanId":"(\d+)"/g),
      ([, digits]) => Number(digits),
    )
    state.requests++
    setTimeout(() => answer(numbers, response), random() * 20)
  })
  const take = (numbers: readonly number[]) => {
    for (const number of numbers) taken.set(number, (taken.get(number) ?? 0) + 1)
  }
  function answer(numbers: readonly number[], response: ServerResponse): void {
    const dice = numbers.length === 0 ? 1 : random()
    if (dice < 0.03) {
      take(numbers)
      state.unanswered += numbers.length
      response.destroy()
    } else if (dice < 0.06) response.writeHead(503).end()
    else if (dice < 0.08) response.writeHead(429, { 'retry-after': '0' }).end()
    else {
      take(numbers)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    }
  }
  return { server, taken, state }
}

/** Runs the replay and kills it after `afterMs`, if it has not ended by then; answers with its summary when it has. */
async function runAndKill(backup: string, port: number, afterMs: number) {
  const args = [CLI, 'replay', backup, '--endpoint', `http://127.0.0.1:${port}`, '--json', '--quiet', '--quiet-for', '0s']
  const limits = ['--concurrency', String(CONCURRENCY), '--request-items', String(PER_REQUEST)]
  const child = spawn(process.execPath, [...args, ...limits], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', chunk => (out += chunk))
  child.stderr.on('data', chunk => (err += chunk))
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
  const [code, signal] = await once(child, 'close')
  clearTimeout(timer)
  if (signal === 'SIGKILL') return undefined
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out)
}

test(`killed ${KILLS} times at random over a faulty sink: no span is lost, and no more of them doubled than the bound`, async () => {
  const random = seeded(SEED)
  const all = Array.from({ length: LINES }, (_, index) => index + 1)
  let [kills, backups, duplicates, mostAtOnce] = [0, 0, 0, 0]
  while (kills < KILLS) {
    const backup = join(folder, `backup ${++backups}`)
    mkdirSync(backup)
    writeFileSync(join(backup, 'traces-2026-11-21T03-12-32.726-size.jsonl'), backupOf(all.slice(0, LINES / 2)))
    writeFileSync(join(backup, 'traces.jsonl'), backupOf(all.slice(LINES / 2)))
    const { server, taken, state } = faultySink(random)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const doubled = () => [...taken.values()].reduce((sum, times) => sum + times - 1, 0)
    for (;;) {
      const before = { doubled: doubled(), unanswered: state.unanswered }
      const summary = await runAndKill(backup, port, kills < KILLS ? 350 + random() * 1200 : 60_000)
      const more = doubled() - before.doubled
      mostAtOnce = Math.max(mostAtOnce, more)
      // A run doubles what the one before had in doubt, and what its own requests without an answer held.
      expect(more).toBeLessThanOrEqual(BOUND + state.unanswered - before.unanswered)
      if (!summary) {
        kills++
        continue
      }
      const { read, acknowledged, rejected, deadLettered, skipped, left } = summary
      expect(acknowledged.items + rejected.items + deadLettered.items + skipped.items + left.items).toBe(read.items)
      expect([left.lines, deadLettered.lines, summary.unreadBytes]).toEqual([0, 0, 0])
      break
    }
    server.closeAllConnections()
    server.close()
    expect(all.filter(number => !taken.has(number))).toEqual([])
    duplicates += doubled()
    expect(existsSync(join(backup, 'traces.jsonl'))).toBe(false)
    expect(readFileSync(join(backup, 'processed', 'traces.jsonl'), 'utf8')).toBe(backupOf(all.slice(LINES / 2)))
  }
  console.log(
    `${kills} kills over ${backups} backups of ${LINES} spans: lost 0, doubled ${duplicates}, at most ${mostAtOnce} by one run`,
  )
}, 3_600_000)
