import { sleep } from '../core/clock.ts'
import type { Host } from '../core/host.ts'
import { addSummaries } from '../replay/add-summaries.ts'
import type { Checkpoint } from '../replay/checkpoint.ts'
import { type Chosen, chooseFiles } from '../replay/choose-files.ts'
import { type Backup, findBackups, noBackup } from '../replay/find.ts'
import { findGrown } from '../replay/find-grown.ts'
import { findLetters } from '../replay/find-letters.ts'
import { shardFolders } from '../replay/journals.ts'
import { pathsThere } from '../replay/paths-there.ts'
import { type ReplaySettings, replay } from '../replay/run.ts'
import type { LeftFile, Observer, Summary } from '../replay/seams.ts'
import { isStream } from '../replay/shape.ts'
import type { ReplayOptions } from './replay.ts'

export interface Replayed {
  readonly summary: Summary
  readonly leftAlone: Chosen['leftAlone']
}

const POLL_MS = 1000

/** One pass over the files, or with `--follow` one after the other until Ctrl-C. */
export async function replayFiles(
  paths: readonly string[],
  options: ReplayOptions,
  settings: ReplaySettings,
  checkpoint: Checkpoint,
  host: Host,
  observe: Observer,
): Promise<Replayed> {
  const look = () => chosenFiles(paths, options, settings.state, checkpoint, host)
  let chosen = await look()
  let summary = await replay(chosen, settings, checkpoint, host, observe)
  const looked = new Map(chosen.backups.map(backup => [backup.file.id, stateOf(backup)]))
  while (options.follow && !options.fromDeadLetter && summary.stopped === undefined) {
    await sleep(host.clock, POLL_MS, host.interrupted).catch(() => {})
    if (host.interrupted.aborted) break
    chosen = await look()
    const news = chosen.backups.filter(backup => isUnread(backup, checkpoint) || looked.get(backup.file.id) !== stateOf(backup))
    if (news.length === 0) continue
    const next = addSummaries(summary, await replay({ ...chosen, backups: news }, settings, checkpoint, host, observe))
    for (const backup of news) looked.set(backup.file.id, stateOf(backup))
    summary = { ...next, files: { ...next.files, found: looked.size } }
  }
  return { summary, leftAlone: chosen.leftAlone }
}

/** Of a packed stream the checkpoint does not tell: what is settled are bytes of what it unpacks to. */
const isUnread = ({ file: { id, size }, shape }: Backup, checkpoint: Checkpoint): boolean =>
  !isStream(shape) && !checkpoint.settledIn(id).has(size - 1)

/** A file is looked at anew when the exporter has turned to the next one, so that it is put away, and a packed one when it is not as it was. */
const stateOf = ({ file: { path, size }, shape, isLive }: Backup): string =>
  JSON.stringify(isStream(shape) ? [path, size, isLive] : [path])

export async function chosenFiles(
  paths: readonly string[],
  { fromDeadLetter, quietFor, follow, shard }: ReplayOptions,
  state: string,
  checkpoint: Checkpoint,
  host: Host,
): Promise<Chosen & { readonly unreadable: readonly LeftFile[] }> {
  if (fromDeadLetter) {
    // Those of the shards are kept beside their checkpoints, and a whole run keeps every shard out.
    const folders = shard ? [state] : [state, ...(await shardFolders(state, host))]
    return { backups: await findLetters(folders, host.disk, checkpoint.files), leftAlone: [], unreadable: [] }
  }
  const there = await pathsThere(paths, checkpoint.files.values(), follow, host)
  const { backups, ignored } = await findBackups(there, host, checkpoint.files.keys(), (await host.disk.look(state))?.device)
  const { grown, unreadable } = await findGrown(checkpoint.files, host.disk)
  // After a first run there is nothing but what it has put away: that is an end, and no mistake.
  if (backups.length === 0 && checkpoint.files.size === 0 && !follow) throw noBackup(paths, ignored)
  const others = backups.filter(({ file, named }) => named || !file.path.startsWith(`${state}/`))
  const unopened = ignored.flatMap(({ path, reason, unreadable }) => (unreadable ? [{ path, note: reason }] : []))
  const { backups: wanted, leftAlone } = chooseFiles([...grown, ...others], host.clock.epochMs(), quietFor, follow)
  const links = ignored.flatMap(({ path, reason, linked }) => (linked ? [{ path, note: reason }] : []))
  return {
    backups: wanted,
    leftAlone: [...leftAlone, ...links],
    unreadable: [...unopened, ...unreadable],
  }
}
