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
const BRACKET = 0x5d
/** The byte that tells the three openings apart: the first one after `{"resource`. */
const TELLING = '{"resource'.length
const BY_LETTER: ReadonlyMap<number | undefined, Signal> = new Map(
  (Object.keys(KEYS) as Signal[]).map(signal => [OPENINGS[signal][TELLING], signal]),
)

/**
 * The signal of a line whose both ends are exactly as the collector writes them, so that it can be joined with others as bytes.
 * Undefined for anything else: that line is parsed.
 */
export function signalOfLine(line: Uint8Array): Signal | undefined {
  const signal = BY_LETTER.get(line[TELLING])
  if (signal === undefined) return undefined
  const opening = OPENINGS[signal]
  const end = line.length
  if (end <= opening.length + CLOSING.length) return undefined
  for (let index = 0; index < opening.length; index++) if (line[index] !== opening[index]) return undefined
  const closes = line[end - 1] === CLOSING_BRACE && line[end - 2] === BRACKET && line[end - 3] === CLOSING_BRACE
  return closes && line[opening.length] === BRACE ? signal : undefined
}
