import { Command, Option } from 'commander'
import type { Version } from '../collector/versions.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { drawSeed } from '../core/random.ts'
import { findingsText } from '../formats/findings-text.ts'
import { labText } from '../formats/lab-text.ts'
import { validateCommand } from '../formats/validate-command.ts'
import { startLab } from '../lab/lab.ts'
import { newRun } from '../otlp/identity.ts'
import { checkConfig } from '../validate/check.ts'
import { collectorVersionOption, projectOption } from './flags.ts'

export interface LabOptions {
  readonly freePorts: boolean
  readonly collectorVersion: Version
}

// Flags end here …
export const labCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('lab')
    .description('Run a config on embedded collectors, with a backend for each exporter, until Ctrl-C.')
    .argument('<config...>', 'collector configs; several are merged as the collector merges them')
    .addOption(new Option('--free-ports', "use free ports instead of the config's own").default(false))
    .addOption(collectorVersionOption())
    .addOption(projectOption())
    .action(async (files: string[], options: LabOptions) => done(await lab(files, options, host)))

// … and work begins here: plain values in, an exit code out.
export async function lab(files: readonly string[], { freePorts, collectorVersion }: LabOptions, host: Host): Promise<number> {
  const { terminal } = host
  const paint = painterFor(terminal.colour.out)
  const { graph, findings, texts } = await checkConfig(files, collectorVersion, host)
  const refused = findings.filter(({ kind, severity }) => kind === 'refused' && severity === 'error')
  if (refused.length > 0) {
    terminal.err(findingsText({ findings: refused, texts, paint: painterFor(terminal.colour.err) }))
    throw new FailoverctlError(
      'not-a-config',
      `collector ${collectorVersion.text} does not start with this config`,
      `See ${validateCommand(files.join(' + '))}`,
    )
  }
  const folder = await host.files.temporaryFolder('failoverctl-lab')
  try {
    const running = await startLab(
      { graph, freePorts, folder, seed: drawSeed(host.random), run: newRun(host.random) },
      host,
    ).catch(error => Promise.reject(elsewhere(error)))
    terminal.out(labText(running, folder, paint))
    await new Promise<void>(resolve => {
      if (host.interrupted.aborted) resolve()
      host.interrupted.addEventListener('abort', () => resolve(), { once: true })
    })
    terminal.out(running.backends.map(({ name, items }) => `${name} accepted ${items} items\n`).join(''))
    await running.close()
  } finally {
    await host.files.remove(folder)
  }
  return 0
}

/** Whoever listens knows no flags: what to do about a port that is taken is another thing in each command. */
function elsewhere(error: unknown): unknown {
  if (!(error instanceof FailoverctlError) || error.code !== 'port-in-use') return error
  return new FailoverctlError(
    error.code,
    error.message,
    'Stop what holds it, or use --free-ports to let the lab choose free ones.',
    error,
  )
}
