import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { json } from '../formats/json.ts'
import { replayPlanText } from '../formats/replay-plan-text.ts'
import type { Progress } from '../replay/checkpoint.ts'
import { chooseFiles } from '../replay/choose-files.ts'
import { type Backup, findBackups, noBackup } from '../replay/find.ts'
import { findGrown } from '../replay/find-grown.ts'
import { lookAtLetters } from '../replay/find-letters.ts'
import { Intervals } from '../replay/intervals.ts'
import { readJournals, shardFolders } from '../replay/journals.ts'
import { pathsThere } from '../replay/paths-there.ts'
import { type Plan, planReplay } from '../replay/plan.ts'
import { shardFolder } from '../replay/shard.ts'
import type { ReplayOptions } from './replay.ts'
import { selectionOf } from './replay-steering.ts'

/** `--dry-run`: reads the backup and the checkpoints, and touches nothing. */
export async function planPaths(paths: readonly string[], options: ReplayOptions, state: string, host: Host): Promise<number> {
  const shards = await shardFolders(state, host)
  const journals = await readJournals([state, ...shards], host)
  const chosen = await chosenToPlan(paths, options, { state, shards, journals }, host)
  const settledIn = (id: string) => journals.get(id)?.settled ?? new Intervals()
  const selection = await selectionOf(options, state, { backups: async () => chosen.backups, settledIn }, host)
  const plan = await planReplay(
    chosen,
    {
      limits: { bytes: options.requestBytes, items: options.requestItems },
      maxLine: options.maxLine,
      signal: options.signal,
      rates: options.rate,
      delayMs: options.delay,
      speed: options.speed,
      ...selection,
    },
    { settledIn },
    host,
  )
  host.terminal.out(options.json ? json(plan) : replayPlanText(plan, painterFor(host.terminal.colour.out)))
  return 0
}

interface Known {
  readonly state: string
  readonly shards: readonly string[]
  readonly journals: ReadonlyMap<string, Progress>
}

/** What a run with these options would read. */
async function chosenToPlan(
  paths: readonly string[],
  { fromDeadLetter, shard, quietFor, follow }: ReplayOptions,
  { state, shards, journals }: Known,
  host: Host,
): Promise<{ readonly backups: readonly Backup[]; readonly ignored: Plan['ignored'] }> {
  if (fromDeadLetter) {
    const folders = shard ? [shardFolder(state, shard)] : [state, ...shards]
    return { backups: await lookAtLetters(folders, host.disk, journals), ignored: [] }
  }
  const device = (await host.disk.look(state))?.device
  const there = await pathsThere(paths, journals.values(), follow, host)
  const { backups, ignored } = await findBackups(there, host, journals.keys(), device)
  const { grown, unreadable } = await findGrown(journals, host.disk)
  if (backups.length === 0 && journals.size === 0) throw noBackup(paths, ignored)
  const chosen = chooseFiles([...grown, ...backups], host.clock.epochMs(), quietFor, follow)
  return {
    backups: chosen.backups,
    ignored: [...ignored, ...[...unreadable, ...chosen.leftAlone].map(({ path, note }) => ({ path, reason: note }))],
  }
}
