import { MalformedPayload } from '../otlp/contents.ts'
import { readItems } from '../otlp/encodings.ts'
import type { Signal } from '../otlp/signal.ts'

const encoder = new TextEncoder()
const keys = (...texts: string[]): readonly Uint8Array[] => texts.map(text => encoder.encode(text))

interface Keys {
  /** Keys that an item has once at the most. */
  readonly any: readonly Uint8Array[]
  /** Ways in which an item begins, where it may lack each of these keys. */
  readonly first: readonly Uint8Array[]
}

/**
 * By what items are counted, as the collector writes them (pdata's JSON, 0.161.0). No text inside a value can look like a key: there
 * a quote has a backslash before it. Links carry a span id, too, so spans are counted by their end. A log record may lack one of two
 * times; the one that it has comes first.
 */
export const KEYS: Readonly<Record<Signal, Keys>> = {
  traces: { any: keys('"endTimeUnixNano":"'), first: [] },
  metrics: { any: keys('"timeUnixNano":"'), first: [] },
  logs: {
    any: keys('"timeUnixNano":"', '"observedTimeUnixNano":"'),
    first: keys('{"timeUnixNano":"', '{"observedTimeUnixNano":"'),
  },
}
/** The rarest letter of all of them: looking for one byte is many times as fast as looking for a word. */
export const RARE = 'U'.charCodeAt(0)

/** Exemplars have the key of data points, which are read then. */
const EXEMPLARS = '"exemplars":['

/** Spans, data points or log records of a line of JSON, mostly without reading it. At least 1. */
export function countItems(signal: Signal, line: Uint8Array): number {
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength)
  if (signal === 'metrics' && text.includes(EXEMPLARS)) return readPoints(line) ?? countKeys(signal, text)
  return countKeys(signal, text)
}

/** Undefined for what cannot be read: its backend will say so. */
function readPoints(body: Uint8Array): number | undefined {
  try {
    return Math.max(1, readItems({ signal: 'metrics', encoding: 'json', body }).length)
  } catch (error) {
    if (error instanceof MalformedPayload) return undefined
    throw error
  }
}

function countKeys(signal: Signal, text: Buffer): number {
  const { any, first } = KEYS[signal]
  const beginnings = first.reduce((sum, key) => sum + count(text, key), 0)
  return any.reduce((most, key) => Math.max(most, count(text, key)), Math.max(1, beginnings))
}

function count(text: Buffer, key: Uint8Array): number {
  const rareAt = key.indexOf(RARE)
  let found = 0
  for (let at = text.indexOf(RARE); at >= 0; at = text.indexOf(RARE, at + 1)) if (stands(text, key, at - rareAt)) found++
  return found
}

function stands(text: Buffer, key: Uint8Array, at: number): boolean {
  for (let index = 0; index < key.length; index++) if (text[at + index] !== key[index]) return false
  return true
}
