import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { outcome as isOutcome } from '#schemas'
import { main } from '../../src/cli/main.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { testHost } from '../real-host.ts'

const folder = mkdtempSync(join(tmpdir(), 'failoverctl-chaos-proxy-'))
afterAll(() => rmSync(folder, { recursive: true }))

const proxyFile = (protocol: string) => `
listeners:
  - listen: 127.0.0.1:4318
    name: otlp
    protocol: ${protocol}
    strategy: round-robin
    fail_back: 500ms
    endpoints:
      - { id: a, url: "http://127.0.0.1:1", priority: 0 }
      - { id: b, url: "http://127.0.0.1:2", priority: 0 }
      - { id: c, url: "http://127.0.0.1:3", priority: 1 }
`

async function chaos(protocol: string, ...argv: string[]): Promise<Outcome> {
  const file = join(folder, `${protocol}.yaml`)
  writeFileSync(file, proxyFile(protocol))
  const host = testHost()
  const words = ['--target', 'proxy', '--config', file, '--json', '--quiet', '--steady', '300ms', '--hold', '500ms']
  const journal = join(folder, `${protocol}.jsonl`)
  await main(['chaos', ...words, '--journal', journal, ...argv], host)
  await host.network.close()
  const outcome = JSON.parse(host.printed.out || host.printed.err)
  expect(isOutcome(outcome)).toBe(true)
  return outcome
}

test.each(['http', 'grpc'])(
  '%s: a whole level gone is a failover, and the engine tells why',
  async protocol => {
    const { verdict, levels, ledger, events, collector_version } = await chaos(protocol, '--stop', 'level0')
    expect({ verdict, lost: ledger.lost }).toEqual({ verdict: 'held', lost: 0 })
    expect(levels.map(({ level }) => level)).toEqual([0, 1, 0])
    expect(levels.every(({ evidence }) => evidence === 'failoverctl_proxy_level')).toBe(true)
    const told = events?.map(({ source, text }) => `${source}: ${text}`) ?? []
    expect(told.some(text => /^otlp: failover from .* to c$/.test(text))).toBe(true)
    expect(told.some(text => /^otlp: fail-back from c to /.test(text))).toBe(true)
    expect(collector_version).toBe('none')
  },
  60_000,
)

test('one of two that share a level: nothing moves, and nothing is lost', async () => {
  const { verdict, levels, ledger } = await chaos('http', '--stop', 'a')
  expect({ verdict, lost: ledger.lost, unknown: ledger.unknown }).toEqual({ verdict: 'held', lost: 0, unknown: 0 })
  expect(levels.map(({ level }) => level)).toEqual([0])
}, 60_000)
