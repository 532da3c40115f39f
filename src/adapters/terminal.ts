import type { Terminal } from '../core/host.ts'
import { askerFor } from './ask.ts'
import { barsOn } from './bars.ts'

const CLEAR_LINE = '\r\u001b[2K'

/** The console. A status line is shown only to a person: not into a file, not in CI, not on a terminal that cannot clear it. */
export function realTerminal(env: NodeJS.ProcessEnv): Terminal {
  const live = process.stderr.isTTY === true && env.CI === undefined && env.TERM !== 'dumb'
  let shown = false
  const clear = () => {
    if (shown) process.stderr.write(CLEAR_LINE)
    shown = false
  }
  const bars = barsOn(process.stderr)
  return {
    out(text) {
      clear()
      bars.show([])
      process.stdout.write(text)
    },
    err(text) {
      clear()
      if (!bars.above(text)) process.stderr.write(text)
    },
    watched: live,
    bars(shown) {
      if (live) bars.show(shown)
    },
    status(text) {
      if (!live) return
      clear()
      if (text) process.stderr.write(text.slice(0, (process.stderr.columns ?? 80) - 1))
      shown = text !== ''
    },
    ask: askerFor(env),
    colour: { out: coloured(process.stdout, env), err: coloured(process.stderr, env) },
    get columns() {
      return process.stdout.isTTY ? process.stdout.columns : undefined
    },
  }
}

// https://no-color.org and the FORCE_COLOR of the Node world.
function coloured(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0'
  return stream.isTTY === true && env.TERM !== 'dumb'
}
