import type { TakenRequest } from '../seams.ts'
import type { Limiter } from './limiter.ts'

export interface CanarySettings {
  /** From 0 to 1, of `totalBytes`. */
  readonly share: number
  readonly totalBytes: number
  /** The share of requests, from 0 to 1, that must be taken whole at their first try for the rest to follow. */
  readonly threshold: number
}

export interface CanaryResult {
  readonly passed: boolean
  readonly requests: number
  readonly worked: number
}

/** Sends the first share, waits for all of its answers and looks at them, before anything else goes. */
export function canary({ share, totalBytes, threshold }: CanarySettings, looked: (result: CanaryResult) => void): Limiter {
  let bytes = 0
  let inFlight = 0
  let requests = 0
  let worked = 0
  let result: CanaryResult | undefined

  return {
    waitMs: (_: TakenRequest) => (result?.passed || (!result && bytes < share * totalBytes) ? 0 : Number.POSITIVE_INFINITY),
    went(request) {
      inFlight++
      bytes += request.bytes
    },
    settled(verdict) {
      inFlight--
      if (result) return
      requests++
      if (verdict.kind === 'accepted' && verdict.rejected === 0) worked++
      if (inFlight > 0 || bytes < share * totalBytes) return
      result = { passed: worked >= threshold * requests, requests, worked }
      looked(result)
    },
  }
}
