import type { Host } from '../core/host.ts'
import { lockPatiently } from '../core/lock-patiently.ts'
import { shardFolders } from '../replay/journals.ts'
import { type Shard, shardFolder } from '../replay/shard.ts'

type Unlock = () => Promise<void>

/** A whole run keeps every shard out, and shards keep out a whole run, but not each other. Throws `locked`. */
export async function lockState(state: string, shard: Shard | undefined, host: Host): Promise<Unlock> {
  const path = `${state}/lock`
  // Every shard holds it only for a moment, at its start.
  const base = await (shard ? lockPatiently(path, undefined, host, host.interrupted) : host.disk.lock(path))
  if (shard) return host.disk.lock(`${shardFolder(state, shard)}/lock`).finally(base)
  const held: Unlock[] = [base]
  const unlockAll = async () => {
    for (const unlock of held.toReversed()) await unlock()
  }
  try {
    for (const folder of await shardFolders(state, host)) held.push(await host.disk.lock(`${folder}/lock`))
  } catch (error) {
    await unlockAll()
    throw error
  }
  return unlockAll
}
