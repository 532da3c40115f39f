/** How far one file of a backup is. */
export interface FileStatus {
  readonly path: string
  readonly bytes: number
  readonly settled_bytes: number
  readonly lines: Readonly<Record<'acknowledged' | 'dead-letter' | 'skipped', number>>
  readonly items: Readonly<Record<'acknowledged' | 'dead-letter' | 'skipped', number>>
  readonly finished: boolean
  readonly moved_to?: string
}

/** Where a replay stands, a line a file. */
export function replayStatusText(state: string, files: readonly FileStatus[]): string {
  if (files.length === 0) return `No replay has begun: there is no checkpoint in ${state}.\n`
  return files.map(file => `${share(file)}  ${printable(file.path)}  ${counts(file)}\n`).join('')
}

const share = ({ finished, settled_bytes, bytes }: FileStatus): string =>
  finished ? 'done' : `${String(Math.floor((100 * settled_bytes) / Math.max(1, bytes))).padStart(3)}%`

function counts({ lines, items, moved_to }: FileStatus): string {
  const parts = [`${items.acknowledged} items in ${lines.acknowledged} lines acknowledged`]
  if (lines['dead-letter'] > 0) parts.push(`${lines['dead-letter']} dead letters`)
  if (lines.skipped > 0) parts.push(`${lines.skipped} lines left out`)
  if (moved_to !== undefined) parts.push(`now ${printable(moved_to)}`)
  return parts.join(', ')
}

/** A name may hold a newline. */
const printable = (path: string): string => path.replace(/\p{Cc}/gu, sign => JSON.stringify(sign).slice(1, -1))
