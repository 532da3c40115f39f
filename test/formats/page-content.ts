import type { Figures } from '../../src/experiment/figures.ts'
import type { PageContent } from '../../src/formats/page/content.ts'

const BUCKETS = 600
const curve = (value: (second: number) => number) => Array.from({ length: BUCKETS }, (_, second) => value(second))
const between = (second: number, from: number, to: number) => second >= from && second < to

/** Ten minutes with an outage of five: two levels, a wait in the middle, a loss, and names that try to leave their place. */
export const TEN_MINUTES: PageContent = {
  how: 'computed',
  given: ['500 spans/s for 10m, the sender does not try again', '<b>primary</b> stopped from 60 s to 360 s'],
  outcome: {
    verdict: 'deviated',
    reason: '1,250 spans were acknowledged and lost',
    target: 'simulate',
    config: 'fixtures/<script>alert(1)</script>/gateway.yaml',
    collector_version: '0.163.0',
    seed: 7,
    run: '00000000000000ab',
    backends: [
      { name: 'primary', level: 0 },
      { name: 'secondary', level: 1 },
      { name: 'backup', level: 2 },
    ],
    levels: [
      { at_s: 0, level: 0, connector: 'failover', evidence: 'the model' },
      { at_s: 65, level: 1, connector: 'failover', evidence: 'the model' },
      { at_s: 200, level: -1, connector: 'failover', evidence: 'the model' },
      { at_s: 230, level: 2, connector: 'failover', evidence: 'the model' },
      { at_s: 395, level: 0, connector: 'failover', evidence: 'the model' },
    ],
    faults: [
      { at_s: 60, until_s: 360, kind: 'stop', backend: 'primary' },
      { at_s: 200, until_s: 260, kind: 'pause', backend: 'secondary' },
    ],
    failover_time_s: 5,
    recovery_time_s: 35,
    failover_interval_s: null,
    recovery_interval_s: null,
    ledger: {
      sent: 300_000,
      acknowledged: 298_000,
      refused: 2000,
      unknown: 0,
      delivered: { primary: 132_500, secondary: 67_500, backup: 96_750 },
      lost: 1250,
      duplicated: 12,
      queued: 0,
      lost_ranges: [[30_001, 31_250]],
    },
    checks: [],
    causes: [],
    notes: ['the file exporter writes into the lab’s own folder'],
  },
  series: {
    bucket_s: 1,
    buckets: BUCKETS,
    delivered: [
      { backend: 'primary', level: 0, rate: curve(s => (s < 60 || s >= 395 ? 500 : 0)) },
      { backend: 'secondary', level: 1, rate: curve(s => (between(s, 65, 200) ? 500 : 0)) },
      { backend: 'backup', level: 2, rate: curve(s => (between(s, 230, 395) ? 500 : 0)) },
    ],
    acknowledged: curve(() => 500),
    refused: curve(s => (between(s, 200, 204) ? 500 : 0)),
    lost: curve(s => (between(s, 226, 231) ? 250 : 0)),
    queues: [
      {
        owner: 'failover',
        signal: 'traces',
        sizer: 'requests',
        capacity: 1000,
        peak: curve(s => (between(s, 200, 230) ? Math.min(1000, (s - 200) * 50) : 4)),
      },
    ],
  },
  why: [
    {
      kind: 'loss',
      what: 'the connector gave its queued batches up: every level had failed',
      count: 1250,
      seconds: null,
      rule: 'queue-hides-errors',
      file: 'gateway.yaml',
      line: 31,
    },
    {
      kind: 'wait',
      what: 'until failover: otlp/primary waits for its timeout',
      count: null,
      seconds: 5,
      rule: null,
      file: 'gateway.yaml',
      line: 12,
    },
  ],
  runs: Array.from({ length: 100 }, (_, seed) => figures(seed)),
  spread: {
    failover_time: { min: 5, p50: 5, p90: 5.1, p95: 5.2, p99: 5.2, max: 5.2, never: 0 },
    recovery_time: { min: 1, p50: 25, p90: 60, p95: 75, p99: 99, max: 100, never: 1 },
  },
  assertions: [
    { text: 'lost == 0', holds: false, reason: 'lost was 1250' },
    { text: 'p95(failover_time) < 10s', holds: true, reason: 'it was 5.2 s' },
  ],
}

function figures(seed: number): Figures {
  const zero = { sent: 0, acknowledged: 0, refused: 0, unknown: 0, lost: 0, duplicated: 0, queued: 0, peak_queue: 1 }
  return {
    ...zero,
    seed,
    failover_time: 5 + (seed % 20) / 100,
    recovery_time: seed === 3 ? null : (seed * seed) / 100,
    verdict: 'held',
  }
}
