import type { Signal } from '../otlp/signal.ts'

const encoder = new TextEncoder()
const KEYS: Readonly<Record<Signal, string>> = { traces: 'resourceSpans', metrics: 'resourceMetrics', logs: 'resourceLogs' }
export const SIGNAL_OF_KEY: ReadonlyMap<string, Signal> = new Map(
  Object.entries(KEYS).map(([signal, key]) => [key, signal as Signal]),
)

/** What the collector writes around the resources of a request (pdata's JSON, file exporter 0.161.0), and every line of a backup has. */
export const OPENINGS: Readonly<Record<Signal, Uint8Array>> = {
  traces: encoder.encode(`{"${KEYS.traces}":[`),
  metrics: encoder.encode(`{"${KEYS.metrics}":[`),
  logs: encoder.encode(`{"${KEYS.logs}":[`),
}
export const CLOSING = encoder.encode(']}')

const BRACE = 0x7b
const CLOSING_BRACE = 0x7d
const BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d
const QUOTE = 0x22
const BACKSLASH = 0x5c
/** The byte that tells the three openings apart: the first one after `{"resource`. */
const TELLING = '{"resource'.length
const BY_LETTER: ReadonlyMap<number | undefined, Signal> = new Map(
  (Object.keys(KEYS) as Signal[]).map(signal => [OPENINGS[signal][TELLING], signal]),
)

/** What a line may be by a single byte of it. */
export const likelySignal = (line: Uint8Array): Signal | undefined => BY_LETTER.get(line[TELLING])

/**
 * The signal of a line whose both ends are exactly as the collector writes them, so that it can be joined with others as bytes.
 * Undefined for anything else: that line is parsed.
 */
export function signalOfLine(line: Uint8Array): Signal | undefined {
  const signal = likelySignal(line)
  if (signal === undefined) return undefined
  const opening = OPENINGS[signal]
  const end = line.length
  if (end <= opening.length + CLOSING.length) return undefined
  for (let index = 0; index < opening.length; index++) if (line[index] !== opening[index]) return undefined
  const closes = line[end - 1] === CLOSING_BRACE && line[end - 2] === CLOSING_BRACKET && line[end - 3] === CLOSING_BRACE
  return closes && line[opening.length] === BRACE ? signal : undefined
}

/**
 * Whether the array that a line of the signal opens is closed by its last bytes: no key stands behind it. Looks at every byte, so
 * it is for samples. What is no JSON is found out later, and says nothing of its neighbours.
 */
export function endsWithItsArray(signal: Signal, line: Uint8Array): boolean {
  let depth = 1
  for (let at = OPENINGS[signal].length; at < line.length; at++) {
    const byte = line[at]
    if (byte === QUOTE) at = endOfString(line, at + 1)
    else if (byte === BRACE || byte === BRACKET) depth++
    else if ((byte === CLOSING_BRACE || byte === CLOSING_BRACKET) && --depth === 0) return at === line.length - CLOSING.length
  }
  return true
}

/** Where the quote is that ends a string. */
function endOfString(line: Uint8Array, from: number): number {
  for (let at = from; at < line.length; at++) {
    if (line[at] === BACKSLASH) at++
    else if (line[at] === QUOTE) return at
  }
  return line.length
}
