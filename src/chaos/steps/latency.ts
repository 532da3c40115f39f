import type { Step } from '../step.ts'

/** It answers later. Only where that is later than its senders wait does it take nothing. */
export const latency = {
  needs: 'latency',
  isDown: ({ latencyMs = 0 }, timeoutMs) => timeoutMs > 0 && latencyMs >= timeoutMs,
} satisfies Step
