import { parseDuration } from '../core/duration.ts'
import type { Value } from './value.ts'

/**
 * A duration as the Collector decodes it (mapstructure v2.5.0), or undefined where it refuses the value. A bare number
 * means nanoseconds, cut to a whole one: `bare` says so, because nobody who writes `timeout: 5` means that. Zero is no trap.
 */
export function readDuration(value: Value): { ms: number; bare: boolean } | undefined {
  if (value.kind !== 'scalar') return undefined
  if (typeof value.value === 'string') return fromText(value.value)
  if (typeof value.value !== 'number' || !Number.isFinite(value.value)) return undefined
  return { ms: Math.trunc(value.value) / 1e6 + 0, bare: value.value !== 0 }
}

function fromText(text: string) {
  const ms = parseDuration(text)
  return ms === undefined ? undefined : { ms, bare: false }
}
