import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'
import type { Card, CardLevel, WorstCase } from '../validate/card.ts'

/** One card for each failover connector, for a person. */
export const cardText = (cards: readonly Card[], paint: Painter): string =>
  cards.length === 0 ? 'no failover connector, so no card\n' : cards.map(card => oneCard(card, paint)).join('\n')

function oneCard(card: Card, paint: Painter): string {
  const { connector, signal, at, levels, failover, recovery, fate } = card
  const single = levels.length < 2
  return [
    `${paint.bold(connector)}${signal ? ` (${signal})` : ''}  ${paint.dim(`${at.file}:${at.line}`)}`,
    ...levels.flatMap(level => levelLines(level, paint)),
    ...timeLines('failover, refused', failover.refused, single, paint),
    ...timeLines('failover, hanging', failover.hanging, single, paint),
    ...timeLines('recovery', recovery, single, paint),
    ...rows('data waits in', fate.waits.length > 0 ? fate.waits : ['nothing: the sender keeps it'], paint),
    ...rows('a crash loses', fate.crash, paint),
    ...rows('all levels fail', [`the sender sees ${fate.allFail}`], paint),
  ]
    .map(line => `${line}\n`)
    .join('')
}

const INDENT = 22

const row = (name: string, text: string, paint: Painter): string => `  ${paint.dim(name.padEnd(INDENT - 2))}${text}`

const rows = (name: string, texts: readonly string[], paint: Painter): string[] =>
  texts.map((text, index) => row(index === 0 ? name : '', text, paint))

function levelLines({ index, pipelines }: CardLevel, paint: Painter): string[] {
  const lines = pipelines.map(({ id, exporters }) => {
    const ends = exporters.map(({ id: exporter, endpoint }) => `${exporter}${endpoint ? ` (${endpoint})` : ''}`)
    return `${id} → ${ends.join(', ') || 'nothing that is known'}`
  })
  return rows(`level ${index}`, lines.length > 0 ? lines : ['empty'], paint)
}

function timeLines(name: string, { ms, parts }: WorstCase, single: boolean, paint: Painter): string[] {
  if (single) return [row(name, paint.red('never: there is one level'), paint)]
  const total = ms === null ? paint.red('never') : ms === 0 ? 'at once' : `up to ${formatDuration(ms)}`
  const shown = parts.map(part => {
    const time = part.ms === null ? 'never' : formatDuration(part.ms)
    return `${' '.repeat(INDENT)}${time.padStart(6)}  ${part.what}  ${paint.dim(`${part.at.file}:${part.at.line}`)}`
  })
  return [row(name, total, paint), ...(ms === 0 ? [] : shown)]
}
