import { draw, spread } from './chance.ts'

/**
 * The gRPC client's connection (grpc-go pick_first, and its connection backoff: 1 s × 1.6, ± 20 %, at most 120 s).
 * While it backs off, every call fails at once without reaching the wire: a backend that is back is not seen
 * until the next dial. Measured: 75 s until level 0 after an outage of 120 s with a retry_interval of 5 s.
 */
export type Channel = { readonly state: 'ready' } | { readonly state: 'backing-off'; readonly dials: number }

export const READY: Channel = { state: 'ready' }

/** How long a dial may take before it counts as failed: 20 s, or the wait before it where that is longer (grpc-go 1.83 clientconn.go). */
export const shortestDialMs = (dials: number): number => Math.max(MIN_CONNECT_MS, backoffMs(dials))

const MIN_CONNECT_MS = 20_000
const BASE_MS = 1000
const MULTIPLIER = 1.6
const JITTER = 0.2
const MAX_MS = 120_000

/** The wait before the dial that follows `dials` failed ones; the first has no jitter. */
export function dialDelay(dials: number, seed: number): readonly [ms: number, seed: number] {
  if (dials === 0) return [BASE_MS, seed]
  const [chance, next] = draw(seed)
  return [spread(backoffMs(dials), JITTER, chance), next]
}

const backoffMs = (dials: number) => Math.min(MAX_MS, BASE_MS * MULTIPLIER ** dials)
