import type { Random } from '../core/random.ts'
import type { SpanKey } from './contents.ts'

/**
 * Spans that can be told apart and counted one by one: the trace id is 8 bytes of run and 8 of sequence number,
 * the span id is the sequence number, from 1.
 */
export const RUN_ATTRIBUTE = 'failoverctl.run'
export const SEQUENCE_ATTRIBUTE = 'failoverctl.seq'

/** 16 hexadecimal digits, never all zero. */
export const newRun = (random: Random): string => hex16(1 + Math.floor(random() * (2 ** 31 - 1)), Math.floor(random() * 2 ** 32))

export const spanKeyOf = (run: string, sequence: number): SpanKey => {
  const digits = hex16(Math.floor(sequence / 2 ** 32), sequence % 2 ** 32)
  return { traceId: run + digits, spanId: digits }
}

/** The sequence number of a span of this run, or undefined for any other span. */
export function sequenceOf(run: string, { traceId, spanId }: SpanKey): number | undefined {
  return traceId.startsWith(run) && traceId.slice(16) === spanId ? Number.parseInt(spanId, 16) : undefined
}

const hex16 = (high: number, low: number): string => high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
