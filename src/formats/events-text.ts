import type { Painter } from '../core/paint.ts'
import type { Outcome } from '../model/outcome.ts'
import { faultWords } from './fault-words.ts'

const SHOWN_EVENTS = 24

/** Faults and levels in the order of time, a line each; of very many the first and the last. */
export function eventsText({ levels, faults }: Outcome, paint: Painter): string {
  const all = [
    ...levels.map(({ at_s, level }) => ({ at: at_s, order: 1, text: levelText(level, paint) })),
    ...faults.flatMap(({ at_s, until_s, kind, backend }) => {
      const { made, ended } = faultWords(kind)
      const began = { at: at_s, order: 0, text: paint.red(`▼ ${backend} ${made}`) }
      return until_s === null ? [began] : [began, { at: until_s, order: 0, text: paint.green(`▲ ${backend} ${ended}`) }]
    }),
  ].sort((a, b) => a.at - b.at || a.order - b.order)
  const half = SHOWN_EVENTS / 2
  const isLong = all.length > SHOWN_EVENTS
  const line = ({ at, text }: { at: number; text: string }) => `${paint.dim(`${at.toFixed(2).padStart(10)}s`)}  ${text}`
  const lines = isLong
    ? [
        ...all.slice(0, half).map(line),
        paint.dim(`${' '.repeat(11)}  … ${all.length - SHOWN_EVENTS} more`),
        ...all.slice(-half).map(line),
      ]
    : all.map(line)
  return `${lines.join('\n')}\n`
}

function levelText(level: number, paint: Painter): string {
  if (level < 0) return paint.red('level -1: every level has failed')
  return level === 0 ? paint.green('level 0') : paint.yellow(`level ${level}`)
}
