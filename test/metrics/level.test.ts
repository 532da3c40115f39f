import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readGraph } from '../../src/collector/read-graph.ts'
import { exposition } from '../../src/metrics/exposition.ts'
import { proxyLevel, queuedRequests, readLevel } from '../../src/metrics/level.ts'
import { parsePrometheus, type Sample } from '../../src/metrics/prometheus.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import type { MapValue } from '../../src/source/value.ts'

const config = `
exporters: { otlp/primary: {}, otlp/secondary: {} }
connectors: { failover: { priority_levels: [[traces/primary], [traces/secondary]] } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/primary: { receivers: [failover], exporters: [otlp/primary] }
    traces/secondary: { receivers: [failover], exporters: [otlp/secondary] }
`
const [failover] = readGraph(readYaml('a.yaml', config) as MapValue).failovers
const read = (before: readonly Sample[], after: readonly Sample[]) =>
  readLevel(failover as NonNullable<typeof failover>, before, after)

const scrape = (name: string) =>
  parsePrometheus(readFileSync(new URL(`../../fixtures/metrics/${name}.txt`, import.meta.url), 'utf8'))
const gauge = 'otelcol_connector_failover_active_level'
const withoutGauge = (samples: Sample[]) => samples.filter(({ name }) => name !== gauge)

describe('the level in scrapes of a real collector', () => {
  test.each([
    ['normal-level0', 0],
    ['normal-level1', 1],
    ['normal-alldown', -1],
    ['detailed-level1', 1],
    // The placebo: the primary is down, and the connector has not heard of it.
    ['queued-level1', 0],
  ])('%s shows %i', (name, level) => expect(read([], scrape(name))).toEqual({ level, evidence: gauge }))

  test('without the gauge the growth of the sent counters tells', () => {
    const [zero, one, down] = ['normal-level0', 'normal-level1', 'normal-alldown'].map(name => withoutGauge(scrape(name))) as [
      Sample[],
      Sample[],
      Sample[],
    ]
    expect(read([], zero)).toEqual({ level: 0, evidence: 'growth of otelcol_exporter_sent_*' })
    expect(read(zero, one)).toEqual({ level: 1, evidence: 'growth of otelcol_exporter_sent_*' })
    expect(read(one, down)).toEqual({ level: -1, evidence: 'growth of otelcol_exporter_send_failed_*' })
    expect(read(one, one)).toBeUndefined()
  })
})

describe('names of other releases', () => {
  const growth = (name: string) => read([], parsePrometheus(`${name}{exporter="otlp/secondary"} 5`))
  test.each([
    'otelcol_exporter_sent_spans_total',
    'otelcol_exporter_sent_spans_spans_total',
    'otelcol_exporter_sent_spans__spans__total',
  ])('%s', name => expect(growth(name)?.level).toBe(1))
  test('dotted, in the quoted form', () => {
    expect(read([], parsePrometheus('{"otelcol_exporter.sent.spans",exporter="otlp/secondary"} 5'))?.level).toBe(1)
  })
  test('the level under the name that guides on the web give it', () => {
    const name = 'otelcol_connector_failover_current_level'
    expect(read([], parsePrometheus(`${name}{connector="failover"} 1`))).toEqual({ level: 1, evidence: name })
  })
  test('an exporter that serves two signals: what it sent of the other says nothing', () => {
    const sent = parsePrometheus('otelcol_exporter_sent_metric_points{exporter="otlp/secondary"} 5')
    expect(read([], sent)).toBeUndefined()
  })
  test('another connector says nothing about this one', () => {
    expect(read([], parsePrometheus(`${gauge}{connector="failover/logs"} 1`))).toBeUndefined()
  })
})

test('queues: the sum over all of them', () => {
  expect(queuedRequests(scrape('queued-level1'))).toBe(5)
  expect(queuedRequests([])).toBeUndefined()
})

test('what is written is read back', () => {
  const label = fc.stringMatching(/^[a-z_]{1,8}$/)
  const sample = fc.record({
    name: fc.stringMatching(/^[a-z_]{1,12}$/),
    labels: fc.dictionary(label, fc.string(), { maxKeys: 3, noNullPrototype: true }),
    value: fc.integer(),
  })
  fc.assert(
    fc.property(fc.uniqueArray(sample, { selector: ({ name, labels }) => `${name}${JSON.stringify(labels)}` }), samples => {
      const key = ({ name, labels, value }: Sample) => `${name} ${JSON.stringify(Object.entries(labels).sort())} ${value}`
      expect(parsePrometheus(exposition(samples)).map(key).sort()).toEqual(samples.map(key).sort())
    }),
  )
})

test('any text is read without an error', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => void parsePrometheus(text)))
})

test('a proxy says itself at which level it is; of several listeners the one that is named', () => {
  const samples = parsePrometheus('failoverctl_proxy_level{listener="a"} 1\nfailoverctl_proxy_level{listener="b"} -1\n')
  expect(proxyLevel(samples, 'a')).toEqual({ level: 1, evidence: 'failoverctl_proxy_level' })
  expect(proxyLevel(samples, 'b')?.level).toBe(-1)
  expect([proxyLevel(samples), proxyLevel(samples, 'c'), proxyLevel([])]).toEqual([undefined, undefined, undefined])
  expect(proxyLevel(samples.slice(0, 1))?.level).toBe(1)
})
