import { expect, test } from 'vitest'
import { asGraph, exporterFor } from '../../src/chaos/targets/proxy/as-graph.ts'
import { main } from '../../src/cli/main.ts'
import type { Failover } from '../../src/collector/graph.ts'
import { expectedLevel } from '../../src/outage/expected-level.ts'
import { fakeHost } from '../fake-host.ts'

const shape = {
  name: '127.0.0.1:4318',
  endpoints: [
    { id: 'eu-1', level: 0 },
    { id: 'http://eu-2:4318', level: 0 },
    { id: 'us-1', level: 2 },
  ],
  failBackMs: 1000,
  timeoutMs: 5000,
}
const { failovers } = await asGraph(shape)
const failover = failovers[0] as Failover

test('a proxy in the words of a collector: its levels, in their order, with exporters for endpoints', () => {
  expect(failovers).toHaveLength(1)
  expect(
    failover.levels.map(({ pipelines }) => pipelines.flatMap(({ pipeline }) => pipeline?.exporters.map(({ id }) => id))),
  ).toEqual([['otlp_http/eu-1', 'otlp_http/http-eu-2-4318'], ['otlp_http/us-1']])
  expect(failover.retryInterval.value).toBe(1000)
})

test.each([
  [['eu-1'], 0],
  [['eu-1', 'http://eu-2:4318'], 1],
  [['us-1'], 0],
  [['eu-1', 'http://eu-2:4318', 'us-1'], -1],
])('a level that shares its work needs one endpoint: with %j down it is level %d', (down, level) => {
  expect(expectedLevel(failover, new Set(down.map(exporterFor)), true)).toBe(level)
})

test.each([
  ['no file', {}, 3, /proxy\.yaml: no such file/],
  ['no proxy file', { 'proxy.yaml': 'receivers: {}' }, 3, /proxy\.yaml:1:1/],
  [
    'endpoints that are discovered',
    { 'proxy.yaml': 'listeners: [{ listen: "127.0.0.1:1", discovery: [{ file: a.yaml }] }]' },
    2,
    /its first listener names no endpoints/,
  ],
])('%s: a clear error', async (_, files, exit, message) => {
  const host = fakeHost({ files })
  expect(await main(['chaos', '--target', 'proxy', '--config', 'proxy.yaml', '--stop', 'level0'], host)).toBe(exit)
  expect(host.err).toMatch(message)
})
