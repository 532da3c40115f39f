import type { Painter } from '../core/paint.ts'

/** A level so that it reads without colour, too. */
export function levelWords(level: number | undefined): string {
  if (level === undefined) return 'level ?'
  if (level < 0) return 'ALL LEVELS FAILED'
  return level === 0 ? 'level 0' : `LEVEL ${level}`
}

export function levelColour(level: number | undefined, paint: Painter): (text: string) => string {
  if (level === undefined) return paint.dim
  if (level < 0) return paint.red
  return level === 0 ? paint.green : paint.yellow
}
