import { formatDuration } from '../../core/duration.ts'
import { maskSecrets } from '../../core/mask.ts'
import { type Tolerance, unitOf } from '../../experiment/tolerance.ts'

const LONGEST = 80

/** What a probe has found, in the words in which it was asked for. Text is cut short, and its secrets are not shown. */
export function sayFound(found: number | string, tolerance: Tolerance): string {
  if (typeof found === 'string') return `\`${shortened(maskSecrets(found.trim().replaceAll(/\s+/g, ' ')))}\``
  if (!Number.isFinite(found)) return String(found)
  const unit = unitOf(tolerance)
  if (unit === 'seconds') return formatDuration(found * 1000)
  if (unit === 'share') return `${Math.round(found * 1000) / 10}%`
  if (unit === 'bytes') return `${Math.round((found / 2 ** 20) * 10) / 10} MiB`
  return String(Math.round(found * 1000) / 1000)
}

const shortened = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text)
