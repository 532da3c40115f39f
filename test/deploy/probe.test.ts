import { expect, test } from 'vitest'
import { realClock } from '../../src/adapters/clock.ts'
import { NEWEST } from '../../src/collector/versions.ts'
import type { HttpReply, Network } from '../../src/core/host.ts'
import { portsOf, probe } from '../../src/deploy/probe.ts'
import { checkConfig } from '../../src/validate/check.ts'
import { fakeHost } from '../fake-host.ts'
import { GOOD } from '../good-config.ts'
import { FakeTarget, World } from './fake-target.ts'

const TEXT = new TextEncoder()
const answer = (body: string, status = 200) => ({ kind: 'answer' as const, status, headers: {}, body: TEXT.encode(body) })
const gauge = (level: number) => answer(`otelcol_connector_failover_active_level{connector="failover"} ${level}\n`)
const refused: HttpReply = { kind: 'not-sent', reason: 'connection refused' }

/** One collector, whose metrics answer so. */
async function probed(reply: HttpReply, before: ReadonlyMap<string, number> = new Map()) {
  const target = new FakeTarget(new World())
  const url = (port: number) => `http://127.0.0.1:${port}`
  target.members = async () => [{ name: 'pod-0', reach: async () => ({ url, close: async () => {} }) }]
  const { graph } = await checkConfig(['c.yaml'], NEWEST, fakeHost({ files: { 'c.yaml': GOOD } }))
  const network = { get: async () => reply } as unknown as Network
  return probe(target, undefined, portsOf(graph), { holdMs: 0, before, signal: undefined }, { network, clock: realClock })
}

test.each<[string, HttpReply, string]>([
  ['refused', refused, 'pod-0: its metrics do not answer (connection refused): its level is unknown'],
  [
    'a web page',
    answer('<html>hello</html>'),
    'pod-0: what answers in place of its metrics is nothing of a collector: its level is unknown',
  ],
  ['nothing', answer(''), 'pod-0: what answers in place of its metrics is nothing of a collector: its level is unknown'],
  ['503', answer('', 503), 'pod-0: its metrics answer 503: its level is unknown'],
  ['too much', { ...answer(''), oversized: true }, 'pod-0: its metrics are more than 50 MB: its level is unknown'],
  [
    'a collector without a gauge, and no traffic',
    answer('otelcol_process_uptime 3\n'),
    'failover: its level is unknown: there is no gauge of it, and nothing was sent meanwhile',
  ],
])('metrics that answer with %s tell no level, and it is said', async (_, reply, remark) => {
  const { wrong, levels, remarks } = await probed(reply)
  expect([wrong, levels.size]).toEqual([undefined, 0])
  expect(remarks).toContain(remark)
})

test.each([
  [0, 0, undefined],
  [1, 1, undefined],
  [1, 0, undefined],
  [0, 1, 'failover: on level 1, before the change on level 0'],
  [undefined, 1, undefined],
  [undefined, -1, 'failover: all of its levels are down'],
  [0, -1, 'failover: all of its levels are down'],
  [-1, -1, undefined],
  [-1, 1, undefined],
])('from level %s to %d', async (before, after, wrong) => {
  const found = await probed(gauge(after), new Map(before === undefined ? [] : [['failover', before]]))
  expect([found.wrong, [...found.levels]]).toEqual([wrong, [['failover', after]]])
  expect(found.remarks.filter(text => text.includes('unknown'))).toEqual([])
})
