import type { Fields } from '../../otlp/json.ts'

const TIMES = /^(?:start|end|observed)?timeUnixNano$/i

/** Moves every time in a request: of spans, events, data points, exemplars and log records. Zero is no time, and stays. */
export function shiftTimes(request: Fields, byMs: number): Fields {
  const nanos = BigInt(Math.round(byMs)) * 1_000_000n
  return shifted(request, nanos) as Fields
}

function shifted(value: unknown, nanos: bigint): unknown {
  if (Array.isArray(value)) return value.map(one => shifted(one, nanos))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, TIMES.test(key) ? moved(inner, nanos) : shifted(inner, nanos)]),
  )
}

function moved(time: unknown, nanos: bigint): unknown {
  const text = String(time)
  if (!/^[1-9]\d*$/.test(text)) return time
  const to = BigInt(text) + nanos
  return String(to > 0n ? to : 1n)
}
