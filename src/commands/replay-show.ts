import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { eventLine, noteOf } from '../formats/replay-event.ts'
import { replayBars, replayLine } from '../formats/replay-progress.ts'
import { Progress, type Snapshot } from '../replay/progress.ts'
import type { Observer } from '../replay/seams.ts'
import type { ReplayThrottle } from '../replay/throttle/throttle.ts'

/** A screen is renewed four times a second, a log has a line now and then. */
const [SCREEN_MS, LOG_MS] = [250, 5000]
/** Dead letters that are told one by one: a backup may be full of them. */
const MOST_NOTES = 10

export interface Shown {
  readonly observe: Observer
  readonly stop: () => void
}

/** Shows a run on standard error: bars for a person, lines for a log, events for a program. Pauses it at a signal. */
export function showReplay(
  { json, quiet }: { readonly json: boolean; readonly quiet: boolean },
  throttle: ReplayThrottle,
  { clock, terminal, onPause }: Host,
): Shown {
  const progress = new Progress(clock.now())
  const paint = painterFor(terminal.colour.err && !json)
  const isScreen = terminal.watched && !json && !quiet
  let notes = 0
  let cancel = () => {}

  const observe: Observer = event => {
    progress.hear(event, clock.now())
    if (quiet) return
    if (json) return terminal.err(eventLine(event, clock.now()))
    const note = noteOf(event, paint)
    if (note === '' || (event.kind === 'dead-letter' && ++notes > MOST_NOTES)) return
    terminal.err(notes === MOST_NOTES && event.kind === 'dead-letter' ? `${note}  further dead letters are only counted\n` : note)
  }
  const logLine = (snapshot: Snapshot) =>
    json ? eventLine({ kind: 'progress', ...snapshot }, clock.now()) : replayLine(snapshot, throttle.state, paint)
  const show = () => {
    const snapshot = progress.at(clock.now())
    if (isScreen) terminal.bars(snapshot.files.found > 0 ? replayBars(snapshot, throttle.state, paint) : [])
    else if (!quiet && snapshot.elapsedMs >= LOG_MS) terminal.err(logLine(snapshot))
    // Set in any case: while a run is paused nothing else keeps the process alive.
    cancel = clock.timer(isScreen ? SCREEN_MS : LOG_MS, show)
  }
  const deaf = onPause(wish => {
    if ((wish === 'pause') === throttle.state.paused) return
    throttle[wish]()
    observe(wish === 'pause' ? { kind: 'paused', reason: 'SIGUSR1' } : { kind: 'resumed', reason: 'SIGUSR2' })
  })
  show()
  return {
    observe,
    stop: () => {
      deaf()
      cancel()
      terminal.bars([])
    },
  }
}
