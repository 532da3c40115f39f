import { Command, Option } from 'commander'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { checkConfig } from '../validate/check.ts'
import { type DeployOptions, deployConfig, settingOptions } from './deploy.ts'
import { openTarget, targetOptions } from './deploy-target.ts'
import { collectorVersionOption, jsonOption, projectOption, quietOption } from './flags.ts'

interface RollbackOptions extends DeployOptions {
  /** Id of a revision; else the one before. */
  readonly revision: string | undefined
}

// Flags end here …
export const rollbackCommand = (host: Host, done: (exit: number) => void): Command => {
  const command = new Command('rollback').description('Deploy the config that ran before, with all the care of deploy.')
  for (const option of [...targetOptions(), ...settingOptions()]) command.addOption(option)
  return command
    .addOption(new Option('--revision <id>', 'which one, of `failoverctl history` (default: the one before)'))
    .addOption(new Option('--dry-run', 'say what would change, and change nothing').default(false))
    .addOption(new Option('--canary', 'one pod of a StatefulSet first').default(false))
    .addOption(collectorVersionOption())
    .addOption(jsonOption())
    .addOption(quietOption())
    .addOption(projectOption())
    .action(async (options: RollbackOptions) => done(await rollback(options, host)))
}

// … and work begins here: plain values in, an exit code out.
export async function rollback(options: RollbackOptions, host: Host): Promise<number> {
  const target = await openTarget(options, host)
  const { history } = await target.store.read()
  const ran = history.filter(({ end }) => end === 'deployed' || end === 'found')
  const wanted = options.revision === undefined ? ran[1] : history.find(({ id }) => id === options.revision)
  if (!wanted)
    throw new FailoverctlError(
      'no-such-object',
      options.revision === undefined
        ? `${target.name}: no config from before is known`
        : `${target.name}: no revision ${options.revision}`,
      `See what is known: failoverctl history --to ${target.address.to}`,
    )
  if (wanted.config === undefined)
    throw new FailoverctlError('no-such-object', `the config of ${wanted.id} is no longer kept: the record would be too large`)
  const bytes = new TextEncoder().encode(wanted.config)
  const file = `revision ${wanted.id}`
  // It ran before: what `validate` thinks of it is no reason to stay with something worse.
  const { graph } = await checkConfig([file], options.collectorVersion, {
    ...host,
    files: { ...host.files, read: async () => bytes },
  })
  return deployConfig({ file, config: wanted.config, graph, remarks: [] }, target, options, host)
}
