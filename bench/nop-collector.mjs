// A real collector that takes OTLP and throws it away, and says how much it has taken: the receiver of every sender's benchmark.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildCollector } from '../test/collector/build.mjs'

export async function withNopCollector(task) {
  const [http, grpc, metrics] = await freePorts(3)
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-bench-'))
  const config = join(folder, 'config.yaml')
  writeFileSync(config, configText(http, grpc, metrics))
  const child = spawn(await buildCollector(), [`--config=${config}`], { stdio: ['ignore', 'ignore', 'pipe'] })
  try {
    await ready(child)
    const accepted = async () => total(await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text())
    return await task({ http, grpc, pid: child.pid, accepted })
  } finally {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

const configText = (http, grpc, metrics) => `
receivers:
  otlp:
    protocols:
      http: { endpoint: 127.0.0.1:${http} }
      grpc: { endpoint: 127.0.0.1:${grpc} }
exporters: { nop: }
service:
  telemetry:
    metrics: { readers: [{ pull: { exporter: { prometheus: { host: 127.0.0.1, port: ${metrics} } } } }] }
  pipelines: { traces: { receivers: [otlp], exporters: [nop] } }
`

const total = text =>
  Array.from(text.matchAll(/^otelcol_receiver_accepted_spans(?:_total)?\{[^}]*\} (\S+)$/gm), ([, value]) => Number(value)).reduce(
    (sum, value) => sum + value,
    0,
  )

async function ready(child) {
  let log = ''
  child.stderr.on('data', chunk => {
    log += chunk
  })
  for (let turn = 0; turn < 200; turn++) {
    if (log.includes('Everything is ready')) return
    if (child.exitCode !== null) break
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`the collector did not get ready:\n${log}`)
}

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer())
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening')
  const ports = servers.map(server => server.address().port)
  for (const server of servers) await once(server.close(), 'close')
  return ports
}
