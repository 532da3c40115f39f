import { formatDuration } from '../core/duration.ts'
import type { Backup } from './find.ts'

export interface Chosen {
  readonly backups: readonly Backup[]
  readonly leftAlone: readonly { readonly path: string; readonly note: string }[]
}

/**
 * Which files this run reads. The one that the exporter writes to is read only when it has been quiet for a while, when the
 * person named it, or with `follow`; while it is not quiet its last line may still be on its way, and it is not put away.
 */
export function chooseFiles(backups: readonly Backup[], epochMs: number, quietMs: number, follow: boolean): Chosen {
  const leftAlone: { path: string; note: string }[] = []
  const chosen = backups.flatMap(backup => {
    const { file, named } = backup
    const age = epochMs - file.mtimeMs
    if (file.rotatedAt !== undefined || age >= quietMs) return [backup]
    if (named || follow) return [{ ...backup, isLive: true }]
    leftAlone.push({ path: file.path, note: `written ${formatDuration(Math.max(0, age))} ago: left alone` })
    return []
  })
  return { backups: chosen, leftAlone }
}
