import { MalformedPayload } from '../otlp/contents.ts'
import type { Encoding, Signal } from '../otlp/signal.ts'
import { countItems } from './count-json.ts'
import { SIGNAL_OF_KEY, signalOfLine } from './envelope.ts'
import { probeProtobuf } from './probe-protobuf.ts'

/** What a line is. Several parts: a line of JSON with several signals, which goes to the path of each. */
export type Class =
  | {
      readonly kind: 'request'
      readonly parts: readonly Part[] /** Its ends are exactly as expected. */
      readonly joinable: boolean
    }
  /** A request without anything in it: OTLP does not want it sent. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'bad'; readonly reason: string }

export interface Part {
  readonly signal: Signal
  readonly items: number
}

export type Classify = (line: Uint8Array) => Class

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
const EMPTY: Class = { kind: 'empty' }

/** JSON: by its bytes; parsed only where they are unusual. */
export const classifyJson: Classify = line => {
  const signal = signalOfLine(line)
  if (signal) return { kind: 'request', parts: [{ signal, items: countItems(signal, line) }], joinable: true }
  return parseUnusual(line)
}

function parseUnusual(line: Uint8Array): Class {
  if (line.every(byte => byte === 0x20 || byte === 0x09)) return EMPTY
  const value = parseJson(line)
  if (value === undefined) return { kind: 'bad', reason: 'not JSON' }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { kind: 'bad', reason: 'not an OTLP request' }
  const known = Object.entries(value).flatMap(([key, resources]) => {
    const signal = SIGNAL_OF_KEY.get(key)
    return signal ? [{ signal, key, resources }] : []
  })
  if (known.length === 0 && Object.keys(value).length > 0) return { kind: 'bad', reason: 'no traces, metrics or logs in it' }
  if (known.some(({ resources }) => !Array.isArray(resources))) return { kind: 'bad', reason: 'not an OTLP request' }
  const parts = known
    .filter(({ resources }) => resources.length > 0)
    .map(({ signal, key, resources }) => ({
      signal,
      items: countItems(signal, encoder.encode(JSON.stringify({ [key]: resources }))),
    }))
  return parts.length === 0 ? EMPTY : { kind: 'request', parts, joinable: false }
}

function parseJson(line: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(line))
  } catch {
    return undefined
  }
}

/** Protobuf: by the fields of its leaves, or as the person says. */
export const classifyProtobuf =
  (forced?: Signal): Classify =>
  line => {
    try {
      const { signals, items } = probeProtobuf(line)
      if (items.traces === 0) return EMPTY
      const signal = forced ?? (signals.length === 1 ? signals[0] : undefined)
      if (signal) return { kind: 'request', parts: [{ signal, items: items[signal] }], joinable: true }
      return {
        kind: 'bad',
        reason: signals.length > 1 ? `may be ${signals.join(' or ')}: say which with --signal` : 'not an OTLP request',
      }
    } catch (error) {
      if (error instanceof MalformedPayload) return { kind: 'bad', reason: `not an OTLP request: ${error.message}` }
      throw error
    }
  }

export const classifierOf = (encoding: Encoding, forced?: Signal): Classify =>
  encoding === 'json' ? classifyJson : classifyProtobuf(forced)
