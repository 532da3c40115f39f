import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Figures, figuresOf, readFigures, totalOf } from '../../src/metrics/figures.ts'
import { parsePrometheus } from '../../src/metrics/prometheus.ts'

const figuresIn = (text: string) => readFigures(new TextEncoder().encode(text))

const text = (name: string) => readFileSync(new URL(`../../fixtures/metrics/${name}.txt`, import.meta.url), 'utf8')

test.each(['normal-level0', 'normal-level1', 'normal-alldown', 'detailed-level1', 'queued-level1'])(
  '%s: the lines that are left out hold nothing',
  name => expect({ ...figuresIn(text(name)) }).toEqual({ ...figuresOf(parsePrometheus(text(name))) }),
)

test('a real collector with every level failed', () => {
  const found = figuresIn(text('normal-alldown'))
  expect(found).toMatchObject({ version: '0.161.0', service: 'otelcol-contrib', uptimeS: 4.241761321, isCollector: true })
  expect(found.exporters.get('otlp/primary')).toMatchObject({ sent: { spans: 5 }, failed: { spans: 1 }, queue: undefined })
  expect(found.exporters.get('failover')).toMatchObject({ failed: { spans: 5 }, queue: { size: 0, capacity: 1000 } })
  expect(found.receivers.get('otlp')).toEqual({ accepted: { spans: 15 }, refused: { spans: 0 }, failed: { spans: 0 } })
})

describe('spellings of other releases and settings', () => {
  const cases: [line: string, read: (found: Figures) => unknown, expected: unknown][] = [
    ['otelcol_process_uptime_seconds_total 5', found => found.uptimeS, 5],
    ['otelcol_process_uptime_total 5', found => found.uptimeS, 5],
    ['{"otelcol_process_uptime"} 5', found => found.uptimeS, 5],
    [
      'otelcol_receiver_refused_log_records_total{receiver="otlp"} 3',
      found => found.receivers.get('otlp')?.refused,
      { log_records: 3 },
    ],
    ['otelcol_exporter_enqueue_failed_spans{exporter="a"} 2', found => found.exporters.get('a')?.enqueueFailed, { spans: 2 }],
    [
      'otelcol_processor_memory_limiter_refused_spans{processor="memory_limiter"} 4',
      found => found.processors.get('memory_limiter'),
      4,
    ],
    ['otelcol_processor_dropped_spans_total{processor="filter"} 4', found => found.processors.get('filter'), 4],
    [
      'otelcol_exporter_sent_spans{exporter="a"} 1\notelcol_exporter_sent_log_records{exporter="a"} 2',
      found => totalOf(found.exporters.get('a')?.sent ?? {}),
      3,
    ],
  ]
  test.each(cases)('%s', (line, read, expected) => expect(read(figuresIn(line))).toEqual(expected))
})

test('of several queues of one exporter the fullest counts', () => {
  const lines = [
    ['traces', 10],
    ['logs', 90],
    ['metrics', 5],
  ].map(
    ([signal, size]) =>
      `otelcol_exporter_queue_capacity{data_type="${signal}",exporter="a"} 100\notelcol_exporter_queue_size{data_type="${signal}",exporter="a"} ${size}\n`,
  )
  expect(figuresIn(lines.join('')).exporters.get('a')?.queue).toEqual({ size: 90, capacity: 100 })
  // Sizes before capacities: a size alone must not look fuller than any share.
  const sizesFirst = lines
    .flatMap(pair => pair.trim().split('\n'))
    .toSorted()
    .toReversed()
  expect(figuresIn(sizesFirst.join('\n')).exporters.get('a')?.queue).toEqual({ size: 90, capacity: 100 })
})

test('what is no collector is told apart', () => {
  expect(figuresIn('node_cpu_seconds_total{cpu="0"} 5\n').isCollector).toBe(false)
})
