import { formatBytes } from '../core/sizes.ts'

/** How far one file of a backup is. */
export interface FileStatus {
  readonly path: string
  readonly bytes: number
  /** Undefined for a packed file: nobody knows which part of it they are. */
  readonly settled_bytes?: number
  /** Of a packed file, in bytes of what it unpacks to. */
  readonly settled_unpacked_bytes?: number
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

function share({ finished, settled_bytes, bytes }: FileStatus): string {
  if (finished) return 'done'
  const percent = settled_bytes === undefined ? '?' : String(Math.floor((100 * settled_bytes) / Math.max(1, bytes)))
  return `${percent.padStart(3)}%`
}

function counts({ lines, items, moved_to, finished, settled_unpacked_bytes }: FileStatus): string {
  const parts = [`${items.acknowledged} items in ${lines.acknowledged} lines acknowledged`]
  if (!finished && settled_unpacked_bytes !== undefined)
    parts.push(`${formatBytes(settled_unpacked_bytes)} of what it unpacks to`)
  if (lines['dead-letter'] > 0) parts.push(`${lines['dead-letter']} dead letters`)
  if (lines.skipped > 0) parts.push(`${lines.skipped} lines left out`)
  if (moved_to !== undefined) parts.push(`now ${printable(moved_to)}`)
  return parts.join(', ')
}

/** A name may hold a newline. */
const printable = (path: string): string => path.replace(/\p{Cc}/gu, sign => JSON.stringify(sign).slice(1, -1))
