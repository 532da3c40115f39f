import { Command, Option } from 'commander'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { maskSecrets } from '../core/mask.ts'
import { historyText } from '../formats/history-text.ts'
import { json } from '../formats/json.ts'
import { openTarget, type TargetOptions, targetOptions } from './deploy-target.ts'
import { jsonOption, projectOption } from './flags.ts'

interface HistoryOptions extends TargetOptions {
  readonly show: string | undefined
  readonly json: boolean
}

// Flags end here …
export const historyCommand = (host: Host, done: (exit: number) => void): Command => {
  const command = new Command('history').description('List what was deployed to a target: when, by whom, and how it ended.')
  for (const option of targetOptions()) command.addOption(option)
  return command
    .addOption(new Option('--show <id>', 'print the config of one revision, with stars for secrets'))
    .addOption(jsonOption())
    .addOption(projectOption())
    .action(async (options: HistoryOptions) => done(await history(options, host)))
}

// … and work begins here: plain values in, an exit code out.
export async function history(options: HistoryOptions, host: Host): Promise<number> {
  const target = await openTarget(options, host)
  const { attempt, history: revisions } = await target.store.read()
  if (options.show !== undefined) {
    const config = revisions.find(({ id }) => id === options.show)?.config
    if (config === undefined) throw new FailoverctlError('no-such-object', `${target.name}: no config is kept of ${options.show}`)
    host.terminal.out(config.split('\n').map(maskSecrets).join('\n'))
    return 0
  }
  const underWay = attempt && {
    id: attempt.id,
    at: attempt.at,
    by: `${attempt.by.user}@${attempt.by.host}`,
    phase: attempt.phase,
  }
  const listed = revisions.map(({ config, ...rest }) => ({ ...rest, kept: config !== undefined }))
  host.terminal.out(
    options.json ? json({ target: target.name, underWay, revisions: listed }) : historyText(target.name, underWay, listed),
  )
  return 0
}
