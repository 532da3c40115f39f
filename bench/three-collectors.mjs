// The proof of concept as three real collectors, and the project file by which chaos knows them.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildCollector } from '../test/collector/build.mjs'

const poc = name => fileURLToPath(new URL(`../fixtures/poc/${name}.yaml`, import.meta.url))

/** `task` is handed the folder of the project file, and the configs of the main collector. `overrides`: `yaml:` texts. */
export async function withThreeCollectors(overrides, task) {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-bench-'))
  const binary = await buildCollector()
  const [http, grpc, metrics, primary, secondary] = await freePorts(5)
  const ports = { primary, secondary }
  const backends = Object.fromEntries(
    Object.entries(ports).map(([name, port]) => {
      const env = [`LISTEN=127.0.0.1:${port}`, `ARRIVALS=${join(folder, `${name}.jsonl`)}`]
      const start = ['env', ...env, binary, `--config=${poc(name)}`]
      return [name, { start, 'pid-file': `${name}.pid`, arrivals: `${name}.jsonl` }]
    }),
  )
  const configs = [
    poc('main'),
    `yaml:receivers::otlp::protocols::grpc::endpoint: 127.0.0.1:${grpc}`,
    `yaml:receivers::otlp::protocols::http::endpoint: 127.0.0.1:${http}`,
    `yaml:service::telemetry::metrics::readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metrics}}}}}]`,
    ...Object.entries(ports).map(([name, port]) => `yaml:exporters::otlp/${name}::endpoint: 127.0.0.1:${port}`),
    ...overrides,
  ]
  const pids = []
  const run = words => {
    const child = spawn(words[0], words.slice(1), { cwd: folder, stdio: 'ignore' })
    pids.push(child.pid)
    return child.pid
  }
  try {
    for (const [name, { start }] of Object.entries(backends)) {
      writeFileSync(join(folder, `${name}.pid`), `${run(start)}\n`)
      await listening(ports[name])
    }
    run([binary, ...configs.map(config => `--config=${config}`)])
    await listening(http)
    const process = { traffic: `http://127.0.0.1:${http}`, metrics: `http://127.0.0.1:${metrics}/metrics`, backends }
    writeFileSync(join(folder, 'failoverctl.yaml'), JSON.stringify({ process }))
    return await task({ folder, configs })
  } finally {
    // A backend that was stopped has another number by now.
    const now = Object.keys(backends).map(name => Number(readFileSync(join(folder, `${name}.pid`), 'utf8')))
    for (const pid of new Set([...pids, ...now])) end(pid)
    rmSync(folder, { recursive: true, force: true })
  }
}

function end(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

async function listening(port) {
  for (let turn = 0; turn < 200; turn++) {
    const isThere = await fetch(`http://127.0.0.1:${port}`).then(
      () => true,
      error => error.cause?.code !== 'ECONNREFUSED',
    )
    if (isThere) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`nobody listens on ${port}`)
}

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => new Promise(resolve => resolve(createServer().listen(0, '127.0.0.1')))),
  )
  await Promise.all(servers.map(server => server.listening || new Promise(resolve => server.once('listening', resolve))))
  const ports = servers.map(server => server.address().port)
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}
