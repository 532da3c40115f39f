import type { TraceCase, TraceEvent } from './record-trace.ts'

const OFF = '{enabled: false}'

interface Shape {
  readonly connectorQueue?: string
  readonly queue?: string
  readonly retry?: string
  readonly timeout?: string
  readonly source?: string
  readonly level?: string
  readonly alsoInLevel0?: boolean
  readonly fileLast?: string
  readonly type?: 'otlphttp' | 'otlp'
  readonly condition?: string
}

/** The proof of concept with a retry_interval of two seconds, in the shape that a case is about. */
function poc({
  connectorQueue = OFF,
  queue = OFF,
  retry = OFF,
  timeout = '5s',
  source = '[]',
  level = '[]',
  alsoInLevel0 = false,
  fileLast,
  type = 'otlphttp',
  condition,
}: Shape = {}): string {
  const sending = `sending_queue: ${queue}, retry_on_failure: ${retry}, timeout: ${timeout}`
  const wire = type === 'otlphttp' ? 'encoding: json, compression: none' : 'tls: {insecure: true}, compression: none'
  return `
receivers: {otlp: {protocols: {http: }}}
processors: {batch: {timeout: 200ms}}
extensions: {file_storage: {directory: FOLDER, fsync: true}}
exporters:
  ${type}/primary: {endpoint: PRIMARY, ${wire}, ${sending}}
  ${type}/secondary: {endpoint: SECONDARY, ${wire}, ${sending}}
${fileLast !== undefined ? `  file/backup: {path: FOLDER/backup.jsonl${fileLast}}\n` : ''}connectors:
  failover: {priority_levels: [[traces/primary${alsoInLevel0 ? ', traces/also' : ''}], [traces/secondary]], retry_interval: 2s, sending_queue: ${connectorQueue}${condition ? `, condition: {error: {contains: [${condition}]}}` : ''}}
service:
  extensions: [file_storage]
  pipelines:
    traces: {receivers: [otlp], processors: ${source}, exporters: [failover]}
    traces/primary: {receivers: [failover], processors: ${level}, exporters: [${type}/primary]}
${alsoInLevel0 ? `    traces/also: {receivers: [failover], exporters: [${type}/secondary]}\n` : ''}    traces/secondary: {receivers: [failover], exporters: [${fileLast !== undefined ? 'file/backup' : `${type}/secondary`}]}
`
}

/** One exporter with its queue, and no failover at all. */
const alone = (queue: string, retry: string, more = '') => `
receivers: {otlp: {protocols: {http: }}}
processors: {batch: {timeout: 200ms}}
extensions: {file_storage: {directory: FOLDER, fsync: true}}
exporters:
  otlphttp/primary: {endpoint: PRIMARY, encoding: json, compression: none, timeout: 1s, sending_queue: ${queue}, retry_on_failure: ${retry}}
  otlphttp/secondary: {endpoint: SECONDARY, encoding: json, compression: none, sending_queue: ${OFF}, retry_on_failure: ${OFF}}
connectors:
  failover: {priority_levels: [[traces/primary], [traces/secondary]], retry_interval: 2s, sending_queue: ${OFF}}
service:
  extensions: [file_storage]
  pipelines:
    traces: {receivers: [otlp]${more}, exporters: [failover]}
    traces/primary: {receivers: [failover], exporters: [otlphttp/primary]}
    traces/secondary: {receivers: [failover], exporters: [otlphttp/secondary]}
`

const stop = (target: TraceEvent['target'], at: number, until: number): TraceEvent => ({ fault: 'stop', target, at, until })
const pause = (at: number, until: number): TraceEvent => ({ fault: 'pause', target: 'primary', at, until })
const answer = (status: number, at: number, until: number): TraceEvent => ({
  fault: 'answer',
  target: 'primary',
  at,
  until,
  status,
})
const crash = (at: number, until: number): TraceEvent => ({ fault: 'crash', target: 'collector', at, until })

const FAST_RETRY = '{enabled: true, initial_interval: 500ms, max_interval: 1s, max_elapsed_time: 0s, randomization_factor: 0}'
const SHORT_RETRY =
  '{enabled: true, initial_interval: 500ms, max_interval: 500ms, max_elapsed_time: 1200ms, randomization_factor: 0}'

const base = { wire: 'http', rate: 25, duration: 10, drain: 2 } as const

/** What is recorded by `npm run traces`. Every random wait is switched off, or too short to matter. */
export const TRACE_CASES: readonly TraceCase[] = [
  { ...base, name: 'stop', what: 'the primary is stopped for 4 s', config: poc(), events: [stop('primary', 2, 6.6)] },
  {
    ...base,
    name: 'stop-queued',
    what: 'the same, with a queue on the connector',
    config: poc({ connectorQueue: '{}' }),
    events: [stop('primary', 2, 6.6)],
  },
  {
    ...base,
    name: 'stop-grpc',
    what: 'the primary is killed for 1.2 s behind gRPC',
    wire: 'grpc',
    config: poc({ type: 'otlp' }),
    events: [stop('primary', 2, 3)],
  },
  {
    ...base,
    name: 'both-down',
    what: 'both are down, the secondary is back first: the sender is told',
    config: poc(),
    events: [stop('primary', 2, 8.6), stop('secondary', 2, 3)],
  },
  {
    ...base,
    name: 'both-down-queued',
    what: 'both are down, the secondary is back first: the queue has acknowledged',
    config: poc({ connectorQueue: '{}' }),
    events: [stop('primary', 2, 8.6), stop('secondary', 2, 3)],
  },
  {
    ...base,
    name: 'hang',
    what: 'the primary hangs, and the exporter waits for 1 s',
    config: poc({ connectorQueue: '{}', timeout: '1s' }),
    events: [pause(2, 7.3)],
  },
  {
    ...base,
    name: 'hang-sender-first',
    what: 'the primary hangs, and the sender gives up before the exporter does',
    config: poc({ timeout: '5s' }),
    senderTimeout: 1,
    events: [pause(2, 7.3)],
  },
  { ...base, name: 'throttled', what: 'the primary answers 429 for 0.3 s', config: poc(), events: [answer(429, 2, 2.3)] },
  { ...base, name: 'poison', what: 'the primary answers 400 for 0.1 s', config: poc(), events: [answer(400, 2, 2.1)] },
  {
    ...base,
    name: 'condition',
    what: 'the primary answers 400, and only a refused connection fails over',
    config: poc({ condition: 'connection refused' }),
    events: [answer(400, 2, 4)],
  },
  {
    ...base,
    name: 'placebo-retry',
    what: 'queue and retry behind the connector: no failover',
    config: poc({ queue: '{}', retry: FAST_RETRY }),
    events: [stop('primary', 2, 6.6)],
  },
  {
    ...base,
    name: 'placebo-batch',
    what: 'a batch processor behind the connector: no failover, and loss',
    config: poc({ level: '[batch]' }),
    events: [stop('primary', 2, 6.6)],
  },
  {
    ...base,
    name: 'batch-before',
    what: 'a batch processor before the connector, both down: it drops',
    config: poc({ source: '[batch]' }),
    events: [stop('primary', 2, 7.2), stop('secondary', 2, 3)],
  },
  {
    ...base,
    name: 'queue-gives-up',
    what: 'an exporter queue whose retries run out',
    config: poc({ queue: '{}', retry: SHORT_RETRY }),
    events: [stop('primary', 2, 6.6)],
  },
  {
    ...base,
    name: 'retry-delays',
    what: 'no queue, but retries behind the connector: failover waits for them',
    config: poc({ connectorQueue: '{}', retry: SHORT_RETRY }),
    events: [stop('primary', 2, 6.6)],
  },
  {
    ...base,
    name: 'fan-out',
    what: 'two pipelines at level 0, one fails: the other has it twice',
    config: poc({ alsoInLevel0: true }),
    events: [stop('primary', 2, 6.6)],
  },
  {
    ...base,
    name: 'queue-full',
    what: 'a queue of ten behind the connector is full: that fails over',
    config: alone('{queue_size: 10, num_consumers: 2}', FAST_RETRY),
    events: [stop('primary', 2, 6.6)],
  },
  {
    ...base,
    name: 'queue-blocks',
    what: 'a full queue blocks, and the sender gives up',
    config: alone('{queue_size: 10, num_consumers: 2, block_on_overflow: true}', FAST_RETRY),
    senderTimeout: 1,
    events: [stop('primary', 2, 6.6)],
  },
  {
    ...base,
    name: 'queue-batches',
    what: 'a queue that batches, with two consumers',
    config: alone('{queue_size: 1000, num_consumers: 2, batch: {flush_timeout: 500ms, min_size: 1000}}', FAST_RETRY),
    events: [stop('primary', 2, 6.6)],
  },
  {
    ...base,
    name: 'wait-for-result',
    what: 'a queue that waits for the result: the connector sees the error',
    config: poc({ queue: '{wait_for_result: true}' }),
    events: [stop('primary', 2, 6.6)],
  },
  {
    ...base,
    name: 'crash-memory',
    what: 'the backend is down and the collector is killed: the queue was in memory',
    config: alone('{}', FAST_RETRY),
    events: [stop('primary', 2, 6.6), crash(4, 4.2)],
  },
  {
    ...base,
    name: 'crash-storage',
    what: 'the same, with the queue in a file_storage that syncs',
    config: alone('{storage: file_storage}', FAST_RETRY),
    events: [stop('primary', 2, 6.6), crash(4, 4.2)],
  },
  {
    ...base,
    name: 'file-truncated',
    what: 'the collector is killed while a file is the backup: it is emptied at start',
    config: poc({ fileLast: '' }),
    events: [stop('primary', 2, 8.6), crash(5.02, 5.2)],
  },
  {
    ...base,
    name: 'file-appended',
    what: 'the same with append: what was flushed is kept',
    config: poc({ fileLast: ', append: true, flush_interval: 10ms' }),
    events: [stop('primary', 2, 8.6), crash(5.02, 5.2)],
  },
]
