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
    leftAlone.push({ path: file.path, note: whyAlone(age) })
    return []
  })
  return { backups: chosen, leftAlone }
}

/** A clock may have jumped back, or be another machine's: then nobody can say whether the file is quiet. */
const whyAlone = (ageMs: number): string =>
  ageMs < 0
    ? `its time is ${formatDuration(-ageMs)} ahead of the clock here: left alone; name the file to send it`
    : `written ${formatDuration(ageMs)} ago: left alone`
