import type { Random } from '../core/random.ts'

/**
 * What can be told apart and counted one by one. Of a span, the trace id is 8 bytes of run and 8 of the number of the trace's first
 * span, and the span id is its own number, from 1; data points and log records say both in attributes.
 */
export const RUN_ATTRIBUTE = 'failoverctl.run'
export const SEQUENCE_ATTRIBUTE = 'failoverctl.seq'

/** 16 hexadecimal digits, never all zero. */
export const newRun = (random: Random): string => hex16(1 + Math.floor(random() * (2 ** 31 - 1)), Math.floor(random() * 2 ** 32))

const hex16 = (high: number, low: number): string => high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
