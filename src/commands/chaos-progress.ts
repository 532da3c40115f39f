import type { Observer, RunEvent, RunView } from '../chaos/events.ts'
import { formatDuration } from '../core/duration.ts'
import type { Host } from '../core/host.ts'
import type { Transition } from '../outage/measured.ts'

const PROGRESS_MS = 200

/** Shows a person where a run stands: one line, at every change and a few times a second in between. */
export function progressLine({ clock, terminal }: Pick<Host, 'clock' | 'terminal'>): Observer & { readonly stop: () => void } {
  let [phase, view, cancel]: [string, RunView | undefined, (() => void) | undefined] = ['traffic on', undefined, undefined]
  const show = () => {
    if (view) terminal.status(lineOf(view, phase))
    cancel = clock.timer(PROGRESS_MS, show)
  }
  return {
    hear(event, of) {
      view = of
      phase = phaseOf(event) ?? phase
      cancel?.()
      show()
    },
    stop() {
      cancel?.()
      terminal.status('')
    },
  }
}

const lineOf = ({ level, sent, acknowledged, ...view }: RunView & { now(): number }, phase: string): string =>
  `${view.now().toFixed(1).padStart(6)}s  level ${level ?? '?'}  ${sent} sent, ${acknowledged} acknowledged  ${phase}`

/** What happened, in a few words; undefined for what is no news to a person. */
function phaseOf(event: RunEvent): string | undefined {
  switch (event.kind) {
    case 'steady':
      return event.reached ? 'steady on level 0' : 'no steady state'
    case 'fault':
      return `${event.fault.kind} ${event.fault.on}`
    case 'undone':
      return `${event.fault.on} back`
    case 'transition':
      return describe(event.transition)
    case 'draining':
      return 'traffic off, draining'
    case 'aborted':
      return `ends early: ${event.why}`
    default:
      return undefined
  }
}

const describe = ({ reached, expected, level, time_s }: Transition): string =>
  reached
    ? `level ${expected}${time_s === null ? '' : ` after ${formatDuration(time_s * 1000)}`}`
    : `level ${level ?? 'unknown'}, expected ${expected}`
