import type { Mine } from './seams.ts'

/** One of `count` runs that share a backup; numbered from 0, as the pods of an Indexed Job are. */
export interface Shard {
  readonly index: number
  readonly count: number
}

const MOST_SHARDS = 10_000

/** `3/16`; undefined for anything else. */
export function parseShard(text: string): Shard | undefined {
  const [, index, count] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number)
  if (index === undefined || count === undefined || count < 1 || count > MOST_SHARDS || index >= count) return undefined
  return { index, count }
}

export const shardFolder = (state: string, { index, count }: Shard): string => `${state}/shard-${index}-of-${count}`

/** A line belongs to whoever has the block in which it starts: large enough to be read and sent in one piece. */
export const BLOCK_BYTES = 2 ** 20

/**
 * Which lines are this shard's: by a hash of the file's first bytes and of the block, so that it is the same on every machine,
 * whatever the file is called and wherever it is mounted.
 */
export function mineOf({ index, count }: Shard): Mine {
  let [file, seed, block, isMine] = ['', 0, -1, false]
  return (id, from) => {
    const at = Math.floor(from / BLOCK_BYTES)
    if (id !== file) [file, seed, block] = [id, hashOf(contentOf(id)), -1]
    if (at !== block) [block, isMine] = [at, mixed(seed ^ Math.imul(at + 1, 0x9e3779b1)) % count === index]
    return isMine
  }
}

/** Without device and inode, which are different on another machine. */
const contentOf = (id: string): string => id.split('-').slice(2).join('-')

function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** Every bit of the input changes half of the output (the finalizer of MurmurHash3). */
function mixed(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
