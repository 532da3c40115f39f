import type { Disk } from '../../core/disk.ts'
import { ChunkPool } from '../chunk.ts'
import type { Backup } from '../find.ts'
import { Intervals } from '../intervals.ts'
import { readBackup } from '../read-backup.ts'
import { recordedAtMs } from './recorded-at.ts'

const CHUNK_BYTES = 64 * 1024

/** The earliest time that a file of the backup begins with; undefined where none says one. */
export async function firstRecordedMs(
  backups: readonly Backup[],
  maxLine: number,
  { disk }: { readonly disk: Pick<Disk, 'open' | 'unzstd'> },
): Promise<number | undefined> {
  const pool = new ChunkPool(CHUNK_BYTES)
  let first: number | undefined
  for (const backup of backups) {
    const at = await startOf(backup, pool, maxLine, disk)
    if (at !== undefined) first = Math.min(first ?? at, at)
  }
  return first
}

async function startOf({ file, shape }: Backup, pool: ChunkPool, maxLine: number, disk: Pick<Disk, 'open' | 'unzstd'>) {
  const opened = await disk.open(file.path)
  try {
    const reading = { disk, pool, maxLine, settled: new Intervals(), complete: false }
    for await (const batch of readBackup(file, shape, opened, reading)) {
      for (const found of batch) {
        const at = found.kind === 'line' ? recordedAtMs(found.line) : undefined
        if (at !== undefined) return at
      }
    }
    return undefined
  } finally {
    await opened.close()
  }
}
