import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'
import type { Why } from '../simulate/result.ts'
import { WHY_WORDS } from './why-words.ts'
import { wrap } from './wrap.ts'

/** Kind and size stand before the sentence. */
const INDENT = 21
const NARROWEST = 40
const USUAL_COLUMNS = 100

/** Each loss, refusal, missing answer, duplicate and wait: how much, by what cause, and the line of the config that has it. */
export function whyText(why: readonly Why[], columns: number | undefined, paint: Painter): string {
  if (why.length === 0) return ''
  const width = Math.max(NARROWEST, (columns ?? USUAL_COLUMNS) - INDENT)
  const next = `\n${' '.repeat(INDENT)}`
  const entries = why.map(({ kind, what, count, seconds, rule, file, line }) => {
    const size = count === null ? formatDuration((seconds ?? 0) * 1000) : String(count)
    const place = file === null ? '' : `${next}${paint.dim(`${file}:${line}`)}${rule === null ? '' : `  ${paint.bold(rule)}`}`
    return `  ${WHY_WORDS[kind].padEnd(8)} ${size.padStart(8)}  ${wrap(what, width).join(next)}${place}`
  })
  return `${paint.bold('Why')}\n${entries.join('\n')}\n`
}
