import { describe, expect, test } from 'vitest'
import { readGraph } from '../../src/collector/read-graph.ts'
import { readFigures } from '../../src/metrics/figures.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import type { MapValue } from '../../src/source/value.ts'
import type { Look } from '../../src/watch/look.ts'
import { Tracker } from '../../src/watch/tracker.ts'
import { parseWatched } from '../../src/watch/watched.ts'
import { CONFIG, metricsOf } from './answers.ts'

const figuresIn = (text: string) => readFigures(new TextEncoder().encode(text))

const graph = readGraph(readYaml('a.yaml', CONFIG) as MapValue)
const tracker = (withConfig = true) => new Tracker(parseWatched('a:8888'), withConfig ? graph : undefined)
const seen = (at: number, text: string): Look => ({
  at,
  figures: figuresIn(text),
  problem: undefined,
  health: 'ok',
  clockAheadMs: undefined,
})
const withoutGauge = (name: string) => metricsOf(name).replace(/^otelcol_connector_failover.*\n/gm, '')

test('a failover, look by look: the level, since when, and what each level does', () => {
  const it = tracker()
  expect(it.take(seen(0, metricsOf('normal-level0'))).connectors).toMatchObject([{ level: 0, changedMs: undefined, seenMs: 0 }])
  const [connector] = it.take(seen(2000, metricsOf('normal-level1'))).connectors
  expect(connector).toMatchObject({ level: 1, evidence: 'otelcol_connector_failover_active_level', changedMs: 0 })
  expect(connector?.levels.map(({ exporters }) => exporters[0])).toMatchObject([
    { id: 'otlp/primary', sent: { total: 5, grown: 0 }, failed: { total: 1, grown: 1, perSecond: 0.5 } },
    { id: 'otlp/secondary', sent: { total: 5, grown: 5, perSecond: 2.5 }, failed: { total: 0 } },
  ])
  expect(it.take(seen(5000, metricsOf('normal-level1'))).connectors).toMatchObject([{ level: 1, changedMs: 3000 }])
  expect(it.take(seen(6000, metricsOf('normal-alldown'))).connectors).toMatchObject([{ level: -1, changedMs: 0 }])
})

describe('without the gauge', () => {
  test('one look tells no level, two do, and a pause keeps it', () => {
    const it = tracker()
    const levels = ['normal-level0', 'normal-level1', 'normal-level1'].map(
      (name, index) => it.take(seen(index * 1000, withoutGauge(name))).connectors[0],
    )
    expect(levels).toMatchObject([
      { level: undefined, evidence: expect.stringContaining('--interval') },
      { level: 1, evidence: 'growth of otelcol_exporter_sent_*' },
      { level: 1, evidence: expect.stringContaining('no traffic') },
    ])
  })
  test('and without a config: it says what to do', () => {
    expect(tracker(false).take(seen(0, withoutGauge('normal-level1'))).connectors).toMatchObject([
      { id: 'failover', level: undefined, evidence: expect.stringContaining('--config'), queue: { size: 0, capacity: 1000 } },
    ])
  })
})

test('without a config the gauge is enough, and exporters stand by themselves', () => {
  const status = tracker(false).take(seen(0, metricsOf('normal-level1')))
  expect(status.connectors).toMatchObject([{ id: 'failover', level: 1, levels: [] }])
  expect(status.others.map(({ id }) => id).sort()).toEqual(['otlp/primary', 'otlp/secondary'])
})

test('a restart gives no rates, and no failures that are none', () => {
  const it = tracker()
  it.take(seen(0, metricsOf('normal-alldown')))
  const status = it.take(seen(1000, metricsOf('normal-level0')))
  expect(status).toMatchObject({ restarted: true, received: { accepted: { grown: undefined, perSecond: undefined } } })
  expect(it.take(seen(2000, metricsOf('normal-level0')))).toMatchObject({
    restarted: false,
    received: { accepted: { grown: 0 } },
  })
})

test('one that cannot be read is empty, and its next look has no false rates', () => {
  const it = tracker()
  const problem = { kind: 'silent', message: 'm', hint: 'h' } as const
  it.take(seen(0, metricsOf('normal-level0')))
  expect(it.take({ ...seen(1000, ''), figures: undefined, problem })).toMatchObject({ problem, connectors: [] })
  expect(it.take(seen(4000, metricsOf('normal-level1'))).received.accepted).toEqual({ total: 10, grown: 5, perSecond: 1.25 })
})
