import type { Verdict } from '../../otlp/reply.ts'
import type { TakenRequest } from '../seams.ts'

/**
 * One reason for a request to wait. It is told the time, in milliseconds that never go back, and never asks for it.
 * A request may go when no limiter has it wait; then each is told that it went, and later what became of it.
 */
export interface Limiter {
  /** 0: now. Infinity: not before another request is settled, or the limiter is spoken to. */
  waitMs(request: TakenRequest, now: number): number
  went?(request: TakenRequest, now: number): void
  settled?(verdict: Verdict, latencyMs: number, now: number): void
}
