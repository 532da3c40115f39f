import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { judgeByCollector, judgeByValidate, makeFolder, writeConfigs } from './judges.ts'

interface Parts {
  readonly receiver?: string
  readonly limiter?: string
  readonly endpoint?: string
  readonly http?: string
  readonly exporters?: string
  readonly connector?: string
  readonly extensions?: string
  readonly traces?: string
  readonly before?: string
}

const config = ({
  receiver,
  limiter,
  endpoint,
  http,
  exporters,
  connector,
  extensions,
  traces,
  before,
}: Parts) => `${before ?? ''}
receivers: { ${receiver ?? 'otlp: { protocols: { grpc: { endpoint: "localhost:4317" } } }'} }
processors: { memory_limiter: { check_interval: 1s, ${limiter ?? 'limit_mib: 400'} } }
exporters: { nop: , otlp_http: { endpoint: "${endpoint ?? 'http://a:1'}", ${http ?? ''} }, ${exporters ?? ''} }
extensions: { ${extensions ?? ''} }
connectors: { failover: { priority_levels: [[traces/a], [traces/b]], ${connector ?? ''} } }
service:
  telemetry: { traces: { ${traces ?? ''} } }
  pipelines:
    traces: { receivers: [otlp], processors: [memory_limiter], exporters: [failover] }
    traces/a: { receivers: [failover], exporters: [otlp_http] }
    traces/b: { receivers: [failover], exporters: [nop] }
`

// What `validate` and a collector once judged differently, one case for each cause.
const REFUSED: Readonly<Record<string, Parts>> = {
  'a receiver that loses its settings behind a key with a space': { receiver: '"otlp ": { protocols: { grpc: } }' },
  'a file exporter that loses them': { exporters: '"file ": { path: /tmp/a }' },
  'an escaped reference as an endpoint': { exporters: 'otlp/x: { endpoint: "$${env:TEXT}" }' },
  'an endpoint of gRPC that a variable sets to a map': { exporters: 'otlp/x: { endpoint: "${env:MAP}" }' },
  'a path that a variable sets to nothing': { exporters: 'file: { path: "${env:BLANK}" }' },
  'an endpoint of HTTP in use that a variable sets to a map': { endpoint: '${env:MAP}' },
  'an endpoint that a variable sets to nothing': { exporters: 'otlp/x: { endpoint: "${env:BLANK}" }' },
  'a limit that a variable sets to nothing': { limiter: 'limit_mib: "${env:BLANK}"' },
  'a retry_interval that a variable sets to nothing': { connector: 'retry_interval: "${env:BLANK}"' },
  'the switch of a queue that a variable sets to nothing': { http: 'sending_queue: { enabled: "${env:BLANK}" }' },
  'the switch of a queue that is empty': { http: 'sending_queue: { enabled: }' },
  'the switch of connections that is empty': { http: 'keepalive: { enabled: }' },
  'an encoding that is empty': { http: 'encoding: ' },
  'a path of a URL that starts with a colon': {
    receiver: 'otlp: { protocols: { http: { metrics_url_path: ":1" } } }',
  },
  'an unknown sampler': { traces: 'sampler: { x: a }' },
  'an unknown key of a sampler': { traces: 'sampler: { jaeger_remote: { x: 1 } }' },
  'a text in brackets that starts with a colon': { http: 'encoding: :1' },
  'a key in brackets without a space behind it': { http: 'sending_queue:{ enabled: false }' },
  'a limit of which nothing is left in 32 bits': { limiter: 'limit_mib: 9007199254740992' },
  'a pause between retries that is longer than all of them by default': { http: 'retry_on_failure: { initial_interval: 1.5h }' },
  'a path of health_check that a variable sets to nothing': { extensions: 'health_check: { path: "${env:BLANK}" }' },
  'a tab behind a space on an empty line': { before: '#\n \t' },
  'a receiver of which every protocol is off': { receiver: 'otlp: { protocols: { grpc: { enabled: false } } }' },
  'encryption of a server that a variable sets to nothing': {
    receiver: 'otlp: { protocols: { grpc: { tls: "${env:BLANK}" } } }',
  },
  'half a pair of a certificate and its key, which a variable sets to a list': {
    exporters: 'otlp/x: { endpoint: "b:1", tls: { cert_file: "${env:LIST}" } }',
  },
  'headers of replies that a variable sets to a map of numbers': {
    receiver: 'otlp: { protocols: { http: { response_headers: "${env:MAP}" } } }',
  },
  'a size of a message that is negative in bytes': {
    receiver: 'otlp: { protocols: { grpc: { max_recv_msg_size_mib: 8796093022208 } } }',
  },
  'an empty text that every error contains': { connector: 'condition: { error: { contains: [a, ""] } }' },
  'nothing as a text that errors contain': { connector: 'condition: { error: { contains: [~] } }' },
  'a negative number for an unsigned one': { limiter: 'limit_mib: 400, spike_limit_mib: -0.5' },
}

const ACCEPTED: Readonly<Record<string, Parts>> = {
  'encryption of a server with nothing behind it': { receiver: 'otlp: { protocols: { grpc: { tls: } } }' },
  'sections of a server that are switched off': {
    receiver:
      'otlp: { protocols: { grpc: { enabled: true, tls: { enabled: false }, auth: { enabled: false }, keepalive: { enabled: false } } } }',
  },
  'sections of HTTP that are switched off': {
    receiver: 'otlp: { protocols: { grpc: , http: { enabled: false, tls: { enabled: false }, cors: { enabled: false } } } }',
    http: 'auth: { enabled: false }',
  },
  'a size of a message of which nothing is left in 64 bits': {
    receiver: 'otlp: { protocols: { grpc: { max_recv_msg_size_mib: 9007199254740992 } } }',
  },
  'paths of a debug exporter with nothing behind them': { exporters: 'debug: { output_paths: }' },
  'no texts at all that errors contain': { connector: 'condition: { error: { contains: [] } }' },
  'an empty map as a storage': { connector: 'sending_queue: { storage: {} }' },
  'no number at all as the size of a message': {
    receiver: 'otlp: { protocols: { grpc: { max_recv_msg_size_mib: .inf } } }',
  },
  'a comment right behind a bracket': { http: 'tls: {}#\n' },
  'a number just below 0 for a whole one': { http: 'sending_queue: { batch: { max_size: -0.5 } }' },
  'no number at all as a limit': { limiter: 'limit_mib: 400, spike_limit_mib: .nan' },
  'a share of which nothing is left in 32 bits': { limiter: 'limit_mib: 400, limit_percentage: 9007199254740992' },
  'an endpoint that a variable sets to a list': { exporters: 'otlp_http/x: { endpoint: "${env:LIST}" }' },
  'a timeout that a variable sets to nothing': { http: 'timeout: "${env:BLANK}"' },
  'a key in quotes without a space behind it': { http: '"tls":{ insecure: true }' },
}

const CASES = [
  ...Object.entries(REFUSED).map(([name, parts]) => [name, parts, true] as const),
  ...Object.entries(ACCEPTED).map(([name, parts]) => [name, parts, false] as const),
]

const binary = (await hasGo()) || process.env.CI ? await buildCollector() : undefined

test.each(CASES)('%s', async (_, parts, refused) => {
  const { folder, remove } = await makeFolder()
  try {
    const files = await writeConfigs([config(parts)], join(folder, 'configs'))
    const { reasons, refused: ours } = await judgeByValidate(files)
    expect(ours, reasons.join('\n')).toBe(refused)
    if (!binary) return
    const said = await judgeByCollector(binary, files)
    expect(said.refused, said.reasons.join('\n')).toBe(refused)
  } finally {
    await remove()
  }
})
