import { describe, expect, test } from 'vitest'
import type { Failover } from '../../src/collector/graph.ts'
import { readGraph } from '../../src/collector/read-graph.ts'
import { levelIn } from '../../src/metrics/level.ts'
import { allowedTimes } from '../../src/outage/allowed-times.ts'
import { backendsCalled } from '../../src/outage/backend-names.ts'
import { expectedLevel, levelOf } from '../../src/outage/expected-level.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import type { MapValue } from '../../src/source/value.ts'
import { setup } from '../simulate/configs.ts'

/** Level 0 is past a forward connector, level 1 is another failover connector. */
const CHAIN = `
receivers: { otlp: { protocols: { http: } } }
exporters:
  otlp_http/a: &own { endpoint: http://a:1, timeout: 1s, sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }
  otlp_http/b: { <<: *own, endpoint: http://b:1 }
  otlp_http/c: { <<: *own, endpoint: http://c:1 }
connectors:
  forward:
  failover: { priority_levels: [[traces/first], [traces/rest]], retry_interval: 2s, sending_queue: { enabled: false } }
  failover/rest: { priority_levels: [[traces/b], [traces/c]], retry_interval: 3s, sending_queue: { enabled: false } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/first: { receivers: [failover], exporters: [forward] }
    traces/a: { receivers: [forward], exporters: [otlp_http/a] }
    traces/rest: { receivers: [failover], exporters: [failover/rest] }
    traces/b: { receivers: [failover/rest], exporters: [otlp_http/b] }
    traces/c: { receivers: [failover/rest], exporters: [otlp_http/c] }
`
const BACKENDS = ['a', 'b', 'c'].map(name => ({ name, exporters: [`otlp_http/${name}`] }))
const { graph, failover } = setup(CHAIN)
const failoversOf = (text: string) => readGraph(readYaml('config.yaml', text) as MapValue).failovers

describe('levels that lead past other connectors', () => {
  test.each<[down: string, expected: number]>([
    ['', 0],
    ['a', 1],
    ['b', 0],
    ['a b', 1],
    ['a c', 1],
    ['a b c', -1],
  ])('with “%s” down, level %i takes the traffic', (down, expected) => {
    expect(expectedLevel(failover, new Set(down.split(' ').map(name => `otlp_http/${name}`)))).toBe(expected)
  })

  test.each([
    ['a', 0],
    ['b', 1],
    ['c', 1],
  ])('%s is a backend of level %i', (name, level) => {
    expect(levelOf(failover, [`otlp_http/${name}`])).toBe(level)
  })

  test.each([
    ['traces/first', ['a']],
    ['rest', ['b', 'c']],
  ])('%s is a name of %j', (word, names) => {
    expect(backendsCalled(word, BACKENDS, graph.failovers).map(({ name }) => name)).toEqual(names)
  })

  test('hang for the time of all levels, and come back by the ticks of both connectors', () => {
    expect(allowedTimes(graph, failover)).toEqual({ failoverWithinMs: 5000, recoverWithinMs: 15_000 })
  })

  test('are known from what their exporters have sent', () => {
    const after = { levels: new Map(), exporters: new Map([['otlp_http/c', { sent: { spans: 5 } }]]) }
    expect(levelIn(failover, undefined, after as unknown as Parameters<typeof levelIn>[2])?.level).toBe(1)
  })

  test('end where connectors lead in a circle', () => {
    const circle = CHAIN.replace('exporters: [otlp_http/c]', 'exporters: [failover]')
    expect(expectedLevel(failoversOf(circle)[0] as Failover, new Set(['otlp_http/a']))).toBe(1)
  })
})
