import type { Disk } from '../../core/disk.ts'
import { ChunkPool } from '../chunk.ts'
import type { Backup } from '../find.ts'
import type { Intervals } from '../intervals.ts'
import { type BackupSettings, readBackup } from '../read-backup.ts'
import { recordedAtMs } from './recorded-at.ts'

interface Reading extends BackupSettings {
  readonly disk: Pick<Disk, 'open' | 'unzstd'>
}

const CHUNK_BYTES = 64 * 1024

/** The earliest time that what is left of a file begins with; undefined where none says one. */
export async function firstRecordedMs(
  backups: readonly Backup[],
  maxLine: number,
  settledIn: (id: string) => Intervals,
  { disk }: { readonly disk: Pick<Disk, 'open' | 'unzstd'> },
): Promise<number | undefined> {
  const pool = new ChunkPool(CHUNK_BYTES)
  let first: number | undefined
  for (const backup of backups) {
    const at = await startOf(backup, { disk, pool, maxLine, settled: settledIn(backup.file.id), complete: false })
    if (at !== undefined) first = Math.min(first ?? at, at)
  }
  return first
}

async function startOf({ file, shape }: Backup, reading: Reading) {
  const opened = await reading.disk.open(file.path)
  try {
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
