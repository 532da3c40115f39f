import { Command } from 'commander'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { failoverEventText } from '../failover/event-text.ts'
import type { FailoverEvent } from '../failover/events.ts'
import { loadProxyConfig } from '../proxy/config.ts'
import { eventLine } from '../proxy/event-line.ts'
import { type RunningProxy, startProxy } from '../proxy/proxy.ts'
import { jsonOption, quietOption } from './flags.ts'

export interface ProxyOptions {
  readonly quiet: boolean
  /** Events as JSON lines. */
  readonly json: boolean
}

// Flags end here …
export const proxyCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('proxy')
    .description('Forward OTLP and plain HTTP to endpoints with failover, until Ctrl-C. SIGHUP reads the file again.')
    .argument('<file>', 'proxy.yaml; schemas/proxy.schema.json says what it may hold')
    .addOption(jsonOption())
    .addOption(quietOption())
    .action(async (file: string, options: ProxyOptions) => done(await proxy(file, options, host)))

// … and work begins here: plain values in, an exit code out.
export async function proxy(file: string, { quiet, json }: ProxyOptions, host: Host): Promise<number> {
  const { terminal, clock, interrupted } = host
  const startedAt = clock.epochMs()
  const tell = (listener: string, event: FailoverEvent) => {
    // One that fails for each request would hide the others; /metrics counts them.
    if (quiet || event.type === 'request-failed') return
    if (json) return terminal.out(`${JSON.stringify(eventLine(listener, event))}\n`)
    const seconds = ((event.at - startedAt) / 1000).toFixed(1)
    terminal.out(`${seconds.padStart(7)}s  ${listener}  ${failoverEventText(event)}\n`)
  }
  const read = () => loadProxyConfig(file, host.files)
  const running = await startProxy(await read(), host, tell)
  terminal.err(listening(running))
  // Heard until the end: one that nobody hears would end the process, and with it what is under way.
  const stopHearing = host.onReload(() => {
    if (!interrupted.aborted) void reload(running, read, host)
  })
  await new Promise<void>(resolve => {
    if (interrupted.aborted) resolve()
    interrupted.addEventListener('abort', () => resolve(), { once: true })
  })
  terminal.err('letting requests under way end\n')
  await running.drain()
  stopHearing()
  return 0
}

/** A file that cannot be used changes nothing, and is told. */
async function reload(
  running: RunningProxy,
  read: () => Promise<Parameters<RunningProxy['reload']>[0]>,
  { terminal }: Host,
): Promise<void> {
  try {
    await running.reload(await read())
    terminal.err(`read again\n${listening(running)}`)
  } catch (error) {
    if (!(error instanceof FailoverctlError)) throw error
    terminal.err(`${error.report}The proxy goes on as before.\n`)
  }
}

function listening({ doors, adminPort }: RunningProxy): string {
  const lines = doors.map(
    ({ config: { name, protocol, listen }, port }) =>
      `${protocol.padEnd(5)} ${listen.host}:${port}${name === `${listen.host}:${listen.port}` ? '' : `  ${name}`}\n`,
  )
  return `${lines.join('')}${adminPort === undefined ? '' : `admin port ${adminPort}: /metrics, /healthz, /endpoints, /events\n`}`
}
