// The built `failoverctl send` in a process of its own: its summary, and the most memory that it took.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const cli = process.env.FAILOVERCTL_BENCH_CLI ?? fileURLToPath(new URL('../bin/failoverctl.js', import.meta.url))

export async function runSend(args) {
  const child = spawn(process.execPath, [cli, 'send', '--json', '--quiet', ...args], {
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let json = ''
  let mb = 0
  child.stdout.on('data', chunk => {
    json += chunk
  })
  const watch = setInterval(() => {
    mb = Math.max(mb, peakOf(child.pid))
  }, 100)
  const [exit] = await once(child, 'close')
  clearInterval(watch)
  if (json === '') throw new Error(`send ${args.join(' ')} ended with ${exit}`)
  return { ...JSON.parse(json), mb }
}

/** Megabytes, where the system tells. */
function peakOf(pid) {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}
