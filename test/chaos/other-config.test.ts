import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { otherConfig } from '../../src/chaos/other-config.ts'
import { readGraph } from '../../src/collector/read-graph.ts'
import { parsePrometheus } from '../../src/metrics/prometheus.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import type { MapValue } from '../../src/source/value.ts'

const read = (path: string) => readFileSync(new URL(`../../fixtures/${path}`, import.meta.url), 'utf8')
const config = (queue: boolean) => `
receivers: { otlp: { protocols: { http: } } }
exporters:
  otlp/primary: { sending_queue: { enabled: ${queue} } }
  otlp/secondary: { sending_queue: { enabled: false } }
connectors: { failover: { priority_levels: [[traces/primary], [traces/secondary]] } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/primary: { receivers: [failover], exporters: [otlp/primary] }
    traces/secondary: { receivers: [failover], exporters: [otlp/secondary] }
`
const differs = (text: string, queue = false) =>
  otherConfig(readGraph(readYaml('a.yaml', config(queue)) as MapValue), parsePrometheus(text))

describe('a collector that runs the config shows nothing else', () => {
  test.each(['normal-level0', 'normal-level1', 'normal-alldown', 'detailed-level1'])('%s, of a real one', name =>
    expect(differs(read(`metrics/${name}.txt`))).toBeUndefined(),
  )
  test('one that has done nothing yet', () => expect(differs('otelcol_process_uptime 3')).toBeUndefined())
})

describe('one that runs another is told by what it shows', () => {
  test.each<[text: string, message: string]>([
    ['otelcol_exporter_sent_spans{exporter="otlp/primry"} 1', 'has the exporter otlp/primry, expected otlp/primary'],
    [
      'otelcol_exporter_queue_capacity{exporter="kafka"} 1',
      'has the exporter kafka, expected failover, otlp/primary, otlp/secondary',
    ],
    ['otelcol_processor_batch_metadata_cardinality{processor="batch"} 1', 'has the processor batch, the config has none'],
    ['otelcol_receiver_accepted_spans_total{receiver="jaeger"} 1', 'has the receiver jaeger, expected otlp'],
    [
      'otelcol_connector_failover_active_level{connector="failover/traces"} 0',
      'has the failover connector failover/traces, expected failover',
    ],
  ])('%s', (text, message) => expect(differs(text)).toContain(message))

  test('by a queue that it does not have', () => {
    const running = 'otelcol_exporter_queue_capacity{exporter="failover"} 1000'
    expect(differs('otelcol_exporter_queue_capacity{exporter="otlp/primary"} 1000')).toBe(
      'the running collector has a sending queue for otlp/primary, expected none',
    )
    expect(differs(running, true)).toBe(
      'the config gives otlp/primary a sending queue, and the running collector shows queues of failover only',
    )
    expect(differs(`${running}\notelcol_exporter_queue_capacity{exporter="otlp/primary"} 1000`, true)).toBeUndefined()
  })
})
