import type { Painter } from '../core/paint.ts'
import type { Dimension, Tried } from '../simulate/sweep.ts'
import { columnsText, measureText, SHOWN_MEASURES } from './measure-text.ts'

const LONGEST_BAR = 24

/** What was tried: a row for each choice, a bar for its recovery time, and the best of them. */
export function sweepText(
  dimensions: readonly Dimension[],
  tried: readonly Tried[],
  best: Tried | undefined,
  paint: Painter,
): string {
  const runs = tried.find(({ simulation }) => simulation)?.simulation?.scenario.runs ?? 1
  const head = [...dimensions.map(({ path }) => String(path.at(-1))), ...SHOWN_MEASURES.map(([name]) => name)]
  const rows = columnsText([head, ...tried.map(cells)])
  const longest = Math.max(0, ...tried.map(recovery))
  const lines = tried.map((one, index) => {
    const text = rows[index + 1] as string
    if (!one.simulation) return paint.dim(`  ${text}  a collector does not start with it`)
    const bar = longest > 0 ? '█'.repeat(Math.ceil((LONGEST_BAR * recovery(one)) / longest)) : ''
    return `${one === best ? paint.green('▸') : ' '} ${one === best ? paint.bold(text) : text}  ${bar}`.trimEnd()
  })
  return [
    `${paint.bold('failoverctl simulate')}, swept over ${dimensions.map(({ key }) => key).join(' and ')}`,
    paint.dim(runs > 1 ? `95th percentiles of ${runs} runs; the bar is the recovery time` : 'the bar is the recovery time'),
    '',
    paint.dim(`  ${rows[0]}`),
    ...lines,
    '',
    ...refusals(tried),
    best
      ? `${paint.green(paint.bold('BEST'))}  ${dimensions.map(({ key }, index) => `${key}=${best.choice[index]}`).join(', ')}\n`
      : `${paint.red(paint.bold('NONE'))}  no choice holds what was asked for\nNext: look at one of them: failoverctl simulate … without --sweep says why\n`,
  ].join('\n')
}

// Mostly one mistake in the key, and the same for each value.
const refusals = (tried: readonly Tried[]): string[] => [...new Set(tried.flatMap(({ refusal }) => refusal ?? []))].slice(0, 3)

const recovery = ({ simulation }: Tried): number => simulation?.spread.recovery_time.p95 ?? 0

function cells({ choice, simulation }: Tried): string[] {
  const figures = SHOWN_MEASURES.map(([, measure]) => (simulation ? measureText(measure, simulation.spread[measure].p95) : ''))
  return [...choice, ...figures]
}
