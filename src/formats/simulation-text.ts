import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'
import type { Simulation } from '../simulate/result.ts'
import { eventsText } from './events-text.ts'
import { figuresText } from './figures-text.ts'
import { timelineText } from './timeline-text.ts'
import { validateCommand } from './validate-command.ts'
import { whyText } from './why-text.ts'
import { wrap } from './wrap.ts'

const NARROWEST = 40

/** A computed outage for a person: what happens when, the figures, and why. */
export function simulationText(simulation: Simulation, columns: number | undefined, paint: Painter): string {
  const parts = [
    heading(simulation, paint),
    timelineText(simulation.outcome, simulation.series, columns, paint),
    eventsText(simulation.outcome, paint),
    figuresText(simulation, paint),
    whyText(simulation.why, columns, paint),
    assertions(simulation, paint),
    verdict(simulation, columns, paint),
  ]
  return parts.filter(part => part !== '').join('\n')
}

function heading({ outcome, scenario }: Simulation, paint: Painter): string {
  const { config, collector_version, seed, notes } = outcome
  const traffic = `${scenario.traffic} spans/s in requests of ${scenario.spans_per_request}, ${formatDuration(scenario.duration_s * 1000)}`
  const sender =
    scenario.sender_retry_s === null
      ? 'a sender that does not try again'
      : `a sender that tries again for ${formatDuration(scenario.sender_retry_s * 1000)}`
  return [
    `${paint.bold('failoverctl simulate')} ${config}, as collector ${collector_version}`,
    paint.dim(`${traffic}; ${sender}; ${scenario.runs > 1 ? `${scenario.runs} runs from ` : ''}seed ${seed}`),
    ...notes.map(note => paint.dim(`note: ${note}`)),
    '',
  ].join('\n')
}

function assertions({ assertions: found }: Simulation, paint: Painter): string {
  if (found.length === 0) return ''
  const lines = found.map(
    ({ text, holds, reason }) => `  ${holds ? paint.green('✓') : paint.red('✗')} ${text}  ${paint.dim(reason)}`,
  )
  return `${lines.join('\n')}\n`
}

function verdict({ outcome, assertions: found }: Simulation, columns: number | undefined, paint: Painter): string {
  const { verdict: how, reason, config } = outcome
  const word =
    how === 'held'
      ? paint.green(paint.bold('HELD'))
      : how === 'deviated'
        ? paint.red(paint.bold('DEVIATED'))
        : paint.yellow(paint.bold('UNKNOWN'))
  const failed = found.filter(({ holds }) => !holds)
  const next = how === 'held' && failed.length === 0 ? '' : `Next: ${validateCommand(config)}\n`
  // Where nobody looks at a terminal the reason stays on the verdict's line.
  const lines = columns === undefined ? [reason] : wrap(reason, Math.max(NARROWEST, columns - how.length - 2))
  return `${word}  ${lines.join(`\n${' '.repeat(how.length + 2)}`)}\n${next}`
}
