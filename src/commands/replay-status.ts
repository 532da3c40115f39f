import type { Host } from '../core/host.ts'
import { json } from '../formats/json.ts'
import { type FileStatus, replayStatusText } from '../formats/replay-status-text.ts'
import type { Progress } from '../replay/checkpoint.ts'
import { stateFolderOf } from '../replay/find.ts'
import { readJournals, shardFolders } from '../replay/journals.ts'
import type { ReplayOptions } from './replay.ts'

/** Where a replay stands, from its checkpoint alone: it may be running meanwhile. */
export async function replayStatus(paths: readonly string[], options: ReplayOptions, host: Host): Promise<number> {
  const state = options.state ?? (await stateFolderOf(paths, host))
  const files = [...(await readJournals([state, ...(await shardFolders(state, host))], host)).values()].map(statusOf)
  host.terminal.out(options.json ? json({ state, files }) : replayStatusText(state, files))
  return 0
}

const statusOf = ({ path, size, packed, settled, lines, items, done }: Progress): FileStatus => ({
  path,
  bytes: size,
  ...(packed ? { settled_unpacked_bytes: settled.total } : { settled_bytes: Math.min(settled.total, size) }),
  lines,
  items,
  finished: done !== undefined,
  ...(done?.path === undefined ? {} : { moved_to: done.path }),
})
