import { sleep } from '../core/clock.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { shardFolders } from '../replay/journals.ts'
import { type Shard, shardFolder } from '../replay/shard.ts'

type Unlock = () => Promise<void>

/** Turns for a lock that every shard holds only for a moment, at its start. */
const TURNS = 50

/** A whole run keeps every shard out, and shards keep out a whole run, but not each other. Throws `locked`. */
export async function lockState(state: string, shard: Shard | undefined, host: Host): Promise<Unlock> {
  const base = await (shard ? lockPatiently(`${state}/lock`, host) : host.disk.lock(`${state}/lock`))
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

async function lockPatiently(path: string, { disk, clock, random, interrupted }: Host): Promise<Unlock> {
  for (let turn = 1; ; turn++) {
    try {
      return await disk.lock(path)
    } catch (error) {
      if (!(error instanceof FailoverctlError) || error.code !== 'locked' || turn >= TURNS) throw error
      await sleep(clock, 20 + random() * 180, interrupted)
    }
  }
}
