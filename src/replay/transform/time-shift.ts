import type { Fields } from '../../otlp/json.ts'

const TIMES = new Set(['timeUnixNano', 'startTimeUnixNano', 'endTimeUnixNano', 'observedTimeUnixNano'])
/** What holds no times, and much of everything else. */
const TIMELESS = new Set(['attributes', 'filteredAttributes', 'body', 'resource', 'scope'])

/** Moves every time in a request, in place: of spans, events, data points, exemplars and log records. Zero is no time, and stays. */
export function shiftTimes(request: Fields, byMs: number): Fields {
  shift(request as Record<string, unknown>, BigInt(Math.round(byMs)) * 1_000_000n)
  return request
}

function shift(value: Record<string, unknown>, nanos: bigint): void {
  for (const key of Object.keys(value)) {
    const inner = value[key]
    if (TIMES.has(key)) value[key] = moved(inner, nanos)
    else if (typeof inner === 'object' && inner !== null && !TIMELESS.has(key)) shift(inner as Record<string, unknown>, nanos)
  }
}

function moved(time: unknown, nanos: bigint): unknown {
  const text = String(time)
  if (!/^[1-9]\d*$/.test(text)) return time
  const to = BigInt(text) + nanos
  return String(to > 0n ? to : 1n)
}
