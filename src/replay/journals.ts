import type { Disk } from '../core/disk.ts'
import type { Files } from '../core/host.ts'
import { type Progress, readJournal } from './checkpoint.ts'

interface World {
  readonly disk: Pick<Disk, 'list' | 'look'>
  readonly files: Pick<Files, 'read'>
}

const SHARD = /^shard-\d+-of-\d+\/journal$/

/** Where shards of this backup have kept their checkpoints. */
export async function shardFolders(state: string, { disk }: Pick<World, 'disk'>): Promise<string[]> {
  if (!(await disk.look(state))) return []
  const inside = await disk.list(state)
  return inside
    .map(({ path }) => path)
    .filter(path => SHARD.test(path.slice(state.length + 1)))
    .map(path => path.slice(0, path.lastIndexOf('/')))
    .sort()
}

/** What runs and shards together know of each file. What one of them has settled is settled for all. */
export async function readJournals(folders: readonly string[], { disk, files }: World): Promise<Map<string, Progress>> {
  const all = new Map<string, Progress>()
  for (const folder of folders) {
    for (const [id, progress] of await readJournal(`${folder}/journal`, disk, files)) {
      const before = all.get(id)
      all.set(id, before ? added(before, progress) : progress)
    }
  }
  return all
}

const FATES = ['acknowledged', 'dead-letter', 'skipped'] as const

function added(one: Progress, other: Progress): Progress {
  for (const [from, to] of other.settled) one.settled.add(from, to)
  for (const fate of FATES) {
    one.lines[fate] += other.lines[fate]
    one.items[fate] += other.items[fate]
  }
  const done = one.done ?? other.done
  return done === undefined ? one : { ...one, done }
}
