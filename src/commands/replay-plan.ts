import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { json } from '../formats/json.ts'
import { replayPlanText } from '../formats/replay-plan-text.ts'
import { chooseFiles } from '../replay/choose-files.ts'
import { findBackups, noBackup } from '../replay/find.ts'
import { Intervals } from '../replay/intervals.ts'
import { readJournals, shardFolders } from '../replay/journals.ts'
import { pathsThere } from '../replay/paths-there.ts'
import { planReplay } from '../replay/plan.ts'
import type { ReplayOptions } from './replay.ts'
import { selectionOf } from './replay-steering.ts'

/** `--dry-run`: reads the backup and the checkpoints, and touches nothing. */
export async function planPaths(paths: readonly string[], options: ReplayOptions, state: string, host: Host): Promise<number> {
  const journals = await readJournals([state, ...(await shardFolders(state, host))], host)
  const device = (await host.disk.look(state))?.device
  const there = await pathsThere(paths, journals.values(), options.follow, host)
  const { backups, ignored } = await findBackups(there, host, journals.keys(), device)
  if (backups.length === 0 && journals.size === 0) throw noBackup(paths, ignored)
  const chosen = chooseFiles(backups, host.clock.epochMs(), options.quietFor, options.follow)
  const selection = await selectionOf(options, state, async () => chosen.backups, host)
  const plan = await planReplay(
    { backups: chosen.backups, ignored: [...ignored, ...chosen.leftAlone.map(({ path, note }) => ({ path, reason: note }))] },
    {
      limits: { bytes: options.requestBytes, items: options.requestItems },
      maxLine: options.maxLine,
      signal: options.signal,
      rates: options.rate,
      delayMs: options.delay,
      speed: options.speed,
      ...selection,
    },
    { settledIn: id => journals.get(id)?.settled ?? new Intervals() },
    host,
  )
  host.terminal.out(options.json ? json(plan) : replayPlanText(plan, painterFor(host.terminal.colour.out)))
  return 0
}
