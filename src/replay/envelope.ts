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
const MATTERS = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number([BRACE, CLOSING_BRACE, BRACKET, CLOSING_BRACKET, QUOTE].includes(byte)),
)
/** The byte that tells the three openings apart: the first one after `{"resource`. */
const TELLING = '{"resource'.length
const BY_LETTER: ReadonlyMap<number | undefined, Signal> = new Map(
  (Object.keys(KEYS) as Signal[]).map(signal => [OPENINGS[signal][TELLING], signal]),
)

/** What a line may be by a single byte of it. */
export const likelySignal = (line: Uint8Array): Signal | undefined => BY_LETTER.get(line[TELLING])

/**
 * The signal of a line that is as the collector writes it: both ends to the byte, and one array between them, so that it can be
 * joined with others as bytes. A key behind the array would swallow what is joined to it. Undefined for anything else: that line is
 * parsed.
 */
export function signalOfLine(line: Uint8Array): Signal | undefined {
  const signal = likelySignal(line)
  if (signal === undefined) return undefined
  const opening = OPENINGS[signal]
  const end = line.length
  if (end <= opening.length + CLOSING.length) return undefined
  for (let index = 0; index < opening.length; index++) if (line[index] !== opening[index]) return undefined
  const closes = line[end - 1] === CLOSING_BRACE && line[end - 2] === CLOSING_BRACKET && line[end - 3] === CLOSING_BRACE
  if (!closes || line[opening.length] !== BRACE) return undefined
  return endOfArray(line, opening.length) === end - CLOSING.length ? signal : undefined
}

/** Where the bracket is that closes the array whose inside starts here. */
function endOfArray(line: Uint8Array, from: number): number {
  let depth = 1
  for (let at = from; at < line.length; at++) {
    const byte = line[at] as number
    // Most bytes are none of those that matter.
    if (!MATTERS[byte]) continue
    if (byte === QUOTE) at = endOfString(line, at + 1)
    else if (byte === BRACE || byte === BRACKET) depth++
    else if (--depth === 0) return at
  }
  return line.length
}

/** Where the quote is that ends a string. */
function endOfString(line: Uint8Array, from: number): number {
  for (let at = from; at < line.length; at++) {
    if (line[at] === BACKSLASH) at++
    else if (line[at] === QUOTE) return at
  }
  return line.length
}
