// A thousand different configs in one process: how long, and how much memory, `validate` takes for them.
//   node bench/many.mjs     prints {configs, findings, ms, mb} of a process of its own
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const COUNT = 1000
const cli = fileURLToPath(new URL('../bin/failoverctl.js', import.meta.url))

/** No two are the same: signals, levels, exporters, names and settings all change with the number. */
export function config(number) {
  const signals = ['traces', 'metrics', 'logs'].slice(0, 1 + (number % 3))
  const levels = 2 + (number % 4)
  const names = Array.from({ length: levels }, (_, level) => `level${level}_${number}`)
  const exporters = names.map((name, level) =>
    level === levels - 1 && number % 2 === 0
      ? `  file/${name}:\n    path: /var/lib/otelcol/${name}.jsonl\n    ${number % 4 === 0 ? 'append: true' : 'flush_interval: 2s'}\n`
      : `  otlp/${name}:\n    endpoint: ${name}.example:4317\n    timeout: ${1 + (number % 9)}s\n    sending_queue:\n      enabled: ${number % 5 === 0}\n`,
  )
  const exporterOf = level => `${level === levels - 1 && number % 2 === 0 ? 'file' : 'otlp'}/${names[level]}`
  const connectors = signals.map(
    signal =>
      `  failover/${signal}:\n    retry_interval: ${5 + (number % 50)}s\n    priority_levels:\n${names.map(name => `      - [${signal}/${name}]\n`).join('')}`,
  )
  const pipelines = signals.flatMap(signal => [
    `    ${signal}:\n      receivers: [otlp]\n      processors: [memory_limiter]\n      exporters: [failover/${signal}]\n`,
    ...names.map(
      (name, level) =>
        `    ${signal}/${name}:\n      receivers: [failover/${signal}]\n      processors: [${number % 7 === 0 ? 'batch' : ''}]\n      exporters: [${exporterOf(level)}]\n`,
    ),
  ])
  return `# config ${number}
receivers:
  otlp:
    protocols:
      grpc:
        endpoint: 0.0.0.0:${4000 + number}
processors:
  batch:
  memory_limiter:
    check_interval: 1s
    limit_mib: ${200 + number}
exporters:
${exporters.join('')}connectors:
${connectors.join('')}service:
  pipelines:
${pipelines.join('')}`
}

/** The real command, with its files and its report: nothing is left out. */
export function manyConfigs() {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-bench-'))
  try {
    const files = Array.from({ length: COUNT }, (_, number) => join(folder, `${number}.yaml`))
    for (const [number, file] of files.entries()) writeFileSync(file, config(number))
    const watch = `process.on('exit', () => require('node:fs').writeSync(3, String(process.resourceUsage().maxRSS)))`
    const args = ['--require', writeWatch(folder, watch), cli, 'validate', '--json', ...files]
    const start = performance.now()
    const { stdout, stderr, output, status } = spawnSync(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      encoding: 'utf8',
      maxBuffer: 1 << 30,
    })
    const ms = performance.now() - start
    if (status !== 0 && status !== 1) throw new Error(`validate ended with ${status}: ${stderr}`)
    return { configs: COUNT, findings: JSON.parse(stdout).findings.length, ms, mb: Number(output[3]) / 1024 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function writeWatch(folder, text) {
  const file = join(folder, 'watch.cjs')
  writeFileSync(file, text)
  return file
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(manyConfigs())
