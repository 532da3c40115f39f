import { describe, expect, test } from 'vitest'
import { readGraph } from '../../src/collector/read-graph.ts'
import { allowedTimes } from '../../src/outage/allowed-times.ts'
import { backendsCalled } from '../../src/outage/backend-names.ts'
import { expectedLevel } from '../../src/outage/expected-level.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import type { MapValue } from '../../src/source/value.ts'

const graph = readGraph(
  readYaml(
    'a.yaml',
    `
exporters: { otlp/near: { timeout: 3s }, otlp/far: {}, otlp_http/far: {}, file/last: { path: a } }
connectors: { failover: { priority_levels: [[traces/one], [traces/two], [traces/three]], retry_interval: 4s } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/one: { receivers: [failover], exporters: [otlp/near] }
    traces/two: { receivers: [failover], exporters: [otlp/far, otlp_http/far] }
    traces/three: { receivers: [failover], exporters: [file/last] }
`,
  ) as MapValue,
)
const backends = [
  { name: 'near', exporters: ['otlp/near'] },
  { name: 'far', exporters: ['otlp/far'] },
  { name: 'otlp_http/far', exporters: ['otlp_http/far'] },
  { name: 'last', exporters: ['file/last'] },
]
const called = (word: string) => backendsCalled(word, backends, graph.failovers).map(({ name }) => name)

describe('a backend is called by', () => {
  test.each([
    ['its name', 'near', ['near']],
    ['its exporter', 'otlp/near', ['near']],
    ["its pipeline's id", 'traces/one', ['near']],
    ["its pipeline's name", 'one', ['near']],
    ['its level', 'level0', ['near']],
    ['a level of several', 'level1', ['far', 'otlp_http/far']],
    ['a name that several exporters share', 'far', ['far', 'otlp_http/far']],
    ['the exporter that tells them apart', 'otlp_http/far', ['otlp_http/far']],
  ])('%s', (_, word, names) => expect(called(word)).toEqual(names))

  test('a word that the caller knows besides can be the one that is meant', () => {
    expect(() => backendsCalled('colector', backends, graph.failovers, ['collector'])).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/Did you mean collector\?/) }),
    )
  })

  test('anything else is refused, with the nearest name and all of them', () => {
    expect(() => called('naer')).toThrow(
      expect.objectContaining({
        code: 'unknown-backend',
        hint: expect.stringMatching(/Did you mean near\?.*near, far, otlp_http\/far, last/),
      }),
    )
  })
})

describe('the level that should follow', () => {
  const [failover] = graph.failovers
  test.each([
    [[], 0],
    [['otlp/near'], 1],
    [['otlp_http/far'], 0],
    [['otlp/near', 'otlp_http/far'], 2],
    [['otlp/near', 'otlp/far', 'file/last'], -1],
  ])('%j down: level %i', (down, level) =>
    expect(expectedLevel(failover as NonNullable<typeof failover>, new Set(down))).toBe(level),
  )

  test('and how long it may take: all timeouts, two intervals, and a margin', () => {
    // 3 s, then otlp_http's default of 30 s; a file has none.
    expect(allowedTimes(graph, failover as NonNullable<typeof failover>)).toEqual({
      failoverWithinMs: 35_000,
      recoverWithinMs: 43_000,
    })
  })
})
