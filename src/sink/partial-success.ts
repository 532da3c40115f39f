import { wireField } from '../core/protobuf-wire.ts'
import type { Signal } from '../otlp/signal.ts'
import type { Answer } from './arrival.ts'

const REJECTED = { traces: 'rejectedSpans', metrics: 'rejectedDataPoints', logs: 'rejectedLogRecords' } as const

const encoder = new TextEncoder()

/** An Export…ServiceResponse; on full success its partial success is there and empty, as a collector writes it (core 0.161, measured). */
export function partialJson(signal: Signal, { rejected = 0, message = '' }: Answer): string {
  if (rejected === 0) return '{"partialSuccess":{}}'
  return JSON.stringify({ partialSuccess: { [REJECTED[signal]]: String(rejected), errorMessage: message } })
}

/** The same in protobuf, where full success is no byte: partial_success is field 1, its number 1 and its message 2. */
export function partialProtobuf({ rejected = 0, message = '' }: Answer): Uint8Array {
  if (rejected === 0) return new Uint8Array()
  const partial = [...wireField(1, rejected), ...wireField(2, encoder.encode(message))]
  return Uint8Array.from(wireField(1, Uint8Array.from(partial)))
}
