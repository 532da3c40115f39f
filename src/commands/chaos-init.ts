import { Command, Option } from 'commander'
import { type FailureMode, MODES } from '../chaos/starter/modes.ts'
import { starter } from '../chaos/starter/starter.ts'
import type { Version } from '../collector/versions.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { checkConfig } from '../validate/check.ts'
import { TARGETS } from './chaos-target.ts'
import { collectorVersionOption, configOption, projectOption } from './flags.ts'

export interface ChaosInitOptions {
  readonly config: readonly string[]
  readonly collectorVersion: Version
  readonly failureMode: FailureMode
  readonly target: string | undefined
  /** undefined: standard output. */
  readonly output?: string
  readonly force: boolean
}

// Flags end here …
export const chaosInitCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('init')
    .description('Write an experiment file for a collector config, with a comment at each decision.')
    .addOption(configOption())
    .addOption(new Option('--failure-mode <mode>', 'what happens').choices(Object.keys(MODES)).default('backend-down'))
    .addOption(new Option('--target <kind>', 'what it is to run against').choices(Object.keys(TARGETS)))
    .addOption(new Option('-o, --output <file>', 'where to write it (default: standard output)'))
    .addOption(new Option('--force', 'replace a file that is there').default(false, 'no'))
    .addOption(collectorVersionOption())
    .addOption(projectOption())
    .addHelpText('after', EXAMPLES)
    .action(async (options: ChaosInitOptions) => done(await chaosInit(options, host)))

const EXAMPLES = `
  failoverctl chaos init --config config.yaml -o experiment.yaml
  failoverctl chaos init --config config.yaml --failure-mode pod-crash --target process -o pod-crash.yaml`

// … and work begins here: plain values in, an exit code out.
export async function chaosInit(options: ChaosInitOptions, host: Host): Promise<number> {
  const { config, failureMode: mode, target, output, force, collectorVersion } = options
  if (config.length === 0) throw new FailoverctlError('wrong-use', 'no config given', 'Name the collector config with --config.')
  const { graph } = await checkConfig(config, collectorVersion, host)
  const text = starter({ graph, config: config.map(location => seenFrom(output, location)), mode, target })
  if (output === undefined) {
    host.terminal.out(text)
    return 0
  }
  if (!force && (await host.files.exists(output))) {
    throw new FailoverctlError('unwritable', `${output} is there already`, 'Name another file, or replace it with --force.')
  }
  await host.files.write(output, new TextEncoder().encode(text.replaceAll('FILE', output)))
  host.terminal.err(`wrote ${output}\nNext: failoverctl chaos --experiment ${output} --dry-run\n`)
  return 0
}

/** What a file names is meant from its own folder. */
function seenFrom(output: string | undefined, location: string): string {
  if (output === undefined || /^(\/|[A-Za-z][\w+.-]+:)/.test(location)) return location
  const steps = output.split('/').slice(0, -1)
  if (steps.some(step => step === '..')) return location
  return '../'.repeat(steps.filter(step => step !== '' && step !== '.').length) + location
}
