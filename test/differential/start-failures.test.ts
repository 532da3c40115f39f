import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { ONLY_AT_START } from './compare.ts'
import { ENV, judgeByCollector, judgeByValidate, makeFolder, writeConfigs } from './judges.ts'

interface Case {
  readonly rule: string
  /** `PORT` and `OTHER` become free ports, `FOLDER` a folder that is there. */
  readonly config: string
  /** What the collector says when it gives up. */
  readonly said: RegExp
  /** Its own `validate` lets it through, and the start does not; false where the first batch is what ends it. */
  readonly atStart: boolean
}

const RECEIVER = 'receivers: { otlp: { protocols: { http: { endpoint: "localhost:PORT" } } } }'
const SERVICE = `service:
  telemetry: { metrics: { level: none } }
  pipelines: { traces: { receivers: [otlp], exporters: [otlp_http] } }`

const CASES: Readonly<Record<string, Case>> = {
  'the storage of a queue is no extension': {
    rule: 'storage-not-enabled',
    config: `${RECEIVER}\nexporters: { otlp_http: { endpoint: "http://localhost:1", sending_queue: { storage: file_storage } } }\n${SERVICE}`,
    said: /no storage client extension found/,
    atStart: true,
  },
  'the storage of a queue is configured and not switched on': {
    rule: 'storage-not-enabled',
    config: `${RECEIVER}
extensions: { file_storage: { directory: "FOLDER" } }
exporters: { otlp_http: { endpoint: "http://localhost:1", sending_queue: { storage: file_storage } } }\n${SERVICE}`,
    said: /no storage client extension found/,
    atStart: true,
  },
  'the extension that signs requests is none': {
    rule: 'auth-not-enabled',
    config: `${RECEIVER}\nexporters: { otlp_http: { endpoint: "http://localhost:1", auth: { authenticator: basicauth } } }\n${SERVICE}`,
    said: /failed to resolve authenticator|authenticator not found/,
    atStart: true,
  },
  'one port twice': {
    rule: 'port-used-twice',
    config: `receivers: { otlp: { protocols: { http: { endpoint: "localhost:PORT" }, grpc: { endpoint: "localhost:PORT" } } } }
exporters: { otlp_http: { endpoint: "http://localhost:1" } }\n${SERVICE}`,
    said: /address already in use/,
    atStart: true,
  },
  "a storage behind the connector's own queue": {
    rule: 'connector-queue-with-storage',
    config: `${RECEIVER}
extensions: { file_storage: { directory: "FOLDER" } }
exporters: { nop: , debug: }
connectors: { failover: { priority_levels: [[traces/a], [traces/b]], sending_queue: { storage: file_storage } } }
service:
  extensions: [file_storage]
  telemetry: { metrics: { level: none } }
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/a: { receivers: [failover], exporters: [nop] }
    traces/b: { receivers: [failover], exporters: [debug] }`,
    said: /Cannot unref freed data/,
    atStart: false,
  },
}

const runs = (await hasGo()) || process.env.CI ? describe : describe.skip

runs('what the collector lets through in validate and ends at', () => {
  test.each(Object.entries(CASES))('%s', { timeout: 60_000 }, async (_, { rule, config, said, atStart }) => {
    const [binary, { folder, remove }, port] = [await buildCollector(), await makeFolder(), await freePort()]
    try {
      const text = config.replaceAll('PORT', String(port)).replaceAll('FOLDER', folder)
      const files = await writeConfigs([text], join(folder, 'configs'))
      expect((await judgeByCollector(binary, files)).refused).toBe(false)
      if (atStart) expect((await judgeByValidate(files)).rules).toContain(rule)
      const { code, log } = await start(binary, files, atStart ? undefined : port)
      expect(log).toMatch(said)
      expect(code).not.toBe(0)
    } finally {
      await remove()
    }
  })

  test('every exception of the differential test is proven here', () => {
    const proven = Object.values(CASES).flatMap(({ rule, atStart }) => (atStart ? [rule] : []))
    expect([...new Set(proven)].sort()).toEqual([...ONLY_AT_START].sort())
  })
})

/** Runs the collector until it ends by itself, or for ten seconds; sends one span when it is to be sent one. */
async function start(binary: string, files: readonly string[], sendTo?: number): Promise<{ code: number | null; log: string }> {
  const child = spawn(
    binary,
    files.map(file => `--config=${file}`),
    { env: ENV, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let log = ''
  let sent = false
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', part => {
      log += part
      if (sent || sendTo === undefined || !log.includes('Everything is ready')) return
      sent = true
      sendSpan(sendTo).catch(() => {})
    })
  }
  const patience = setTimeout(() => child.kill('SIGKILL'), 10_000)
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  clearTimeout(patience)
  return { code: child.signalCode === null ? code : 0, log }
}

const sendSpan = (port: number) =>
  fetch(`http://localhost:${port}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: '1'.repeat(32), spanId: '1'.repeat(16), name: 'a' }] }] }],
    }),
  })

const freePort = () =>
  new Promise<number>(resolve => {
    const server = createServer().listen(0, 'localhost', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
