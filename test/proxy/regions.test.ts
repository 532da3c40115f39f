import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'

const cli = fileURLToPath(new URL('../../bin/failoverctl.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'failoverctl-regions-'))
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** A command of the built executable, with what it has printed so far. */
function run(...args: string[]) {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  const printed = { out: '', err: '' }
  child.stdout.on('data', part => {
    printed.out += part
  })
  child.stderr.on('data', part => {
    printed.err += part
  })
  const ended = once(child, 'close').then(([code]) => code as number)
  return {
    printed,
    ended,
    end: () => child.kill('SIGTERM') && ended,
    async port() {
      await expect.poll(() => printed.err, { timeout: 20_000, interval: 20 }).toMatch(/127\.0\.0\.1:\d+/)
      return Number(/127\.0\.0\.1:(\d+)/.exec(printed.err)?.[1])
    },
  }
}

/** A backend that counts what `send` has numbered. */
const backend = (...faults: string[]) =>
  run('sink', '--port', '0', '--no-grpc', '--json', ...faults.flatMap(fault => ['--fault', fault]))

test('three backends in two regions, one stopped, one slow, one back: every request that was safe to send again arrives, once', async () => {
  const backends = [backend('refuse@7s..14s'), backend('slow=900ms@11s..60s'), backend()]
  const [near, slow, far] = await Promise.all(backends.map(one => one.port()))
  const file = join(folder, 'proxy.yaml')
  writeFileSync(
    file,
    `drain: 2s
listeners:
  - listen: 127.0.0.1:0
    name: otlp
    strategy: geographic
    region: eu
    regions: [us]
    fail_back: 2s
    endpoints:
      - { id: eu-1, url: 'http://127.0.0.1:${near}', region: eu, priority: 0 }
      - { id: eu-2, url: 'http://127.0.0.1:${slow}', region: eu, priority: 1 }
      - { id: us-1, url: 'http://127.0.0.1:${far}', region: us }
    checks: { kind: otlp, interval: 400ms, timeout: 500ms, rise: 2, fall: 2 }
    breaker: { failures: 3, open: 1s }
`,
  )
  const proxy = run('proxy', file, '--json')
  const traffic = ['--rate', '100', '--spans-per-request', '1', '--duration', '18s', '--json', '--quiet']
  const sender = run('send', '--endpoint', `http://127.0.0.1:${await proxy.port()}`, ...traffic)
  await sender.ended
  expect(await proxy.end()).toBe(0)
  for (const one of backends) await one.end()

  const moves = proxy.printed.out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
    .filter(({ type }) => type === 'failover' || type === 'fail-back')
  expect(moves[0]).toMatchObject({ listener: 'otlp', from: ['eu-1'] })
  expect(moves.map(({ to }) => to[0])).toContain('us-1')
  expect(moves.at(-1)).toMatchObject({ type: 'fail-back', to: ['eu-1'] })

  const sent = JSON.parse(sender.printed.out)
  // What was cut off in the middle may have arrived: it is answered with 502, and nothing is sent twice.
  expect(sent.refused + sent.unknown).toBeLessThanOrEqual(sent.sent / 100)
  const arrived = backends.map(({ printed }) => JSON.parse(printed.out).signals.traces.items as number)
  expect(arrived.every(items => items > 0)).toBe(true)
  const total = arrived.reduce((sum, items) => sum + items)
  expect(total).toBeGreaterThanOrEqual(sent.acknowledged)
  expect(total).toBeLessThanOrEqual(sent.acknowledged + sent.refused + sent.unknown)
}, 90_000)
