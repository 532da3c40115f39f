import type { Painter } from '../core/paint.ts'
import type { Simulation } from '../simulate/result.ts'
import { columnsText, measureText, SHOWN_MEASURES } from './measure-text.ts'
import { timelineText } from './timeline-text.ts'
import { whyText } from './why-text.ts'

/** The same outage on several configs: their figures in columns, then each one's drawing and reasons. */
export function compareText(simulations: readonly Simulation[], columns: number | undefined, paint: Painter): string {
  const names = simulations.map(({ outcome }) => outcome.config)
  const many = simulations.some(({ runs }) => runs.length > 1)
  const table = columnsText([
    ['', ...names],
    ...SHOWN_MEASURES.map(([head, measure]) => [
      head,
      ...simulations.map(({ spread }) => measureText(measure, spread[measure].p95)),
    ]),
    ['verdict', ...simulations.map(({ outcome }) => outcome.verdict)],
  ])
  const assertions = simulations[0]?.assertions.map(({ text }, index) => {
    const marks = simulations.map(({ assertions }) => (assertions[index]?.holds ? paint.green('✓') : paint.red('✗')))
    return `  ${marks.join(' ')} ${text}`
  })
  return [
    `${paint.bold('failoverctl compare')}: the same outage on ${names.join(' and ')}`,
    ...(many ? [paint.dim('95th percentiles of all runs; the drawings are the first')] : []),
    '',
    ...table.map((line, index) => (index === 0 ? paint.dim(`  ${line}`) : `  ${line}`)),
    '',
    ...(assertions && assertions.length > 0 ? [...assertions, ''] : []),
    ...simulations.map(({ outcome, series, why }) =>
      [paint.bold(outcome.config), timelineText(outcome, series, columns, paint), whyText(why, columns, paint)]
        .filter(Boolean)
        .join('\n'),
    ),
  ].join('\n')
}
