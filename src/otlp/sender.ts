import { type Clock, sleep } from '../core/clock.ts'
import { Histogram } from '../core/histogram.ts'
import type { Network } from '../core/host.ts'
import type { Destination } from './destination.ts'
import { judgeReply } from './reply.ts'
import { SequenceSet } from './sequence-set.ts'
import { CONTENT_TYPES } from './signal.ts'
import { traceRequest } from './synthesize.ts'

export interface Traffic {
  readonly destination: Destination
  /** 16 hexadecimal digits that all spans of this traffic carry. */
  readonly run: string
  /** Spans per second in all; 0 sends as fast as the answers come. */
  readonly rate: number
  readonly spansPerRequest: number
  /** Ends after so many spans. */
  readonly count?: number | undefined
  /** Ends after so long. */
  readonly durationMs?: number | undefined
  /** Requests without an answer yet, at most. */
  readonly maxInFlight: number
}

/** What became of every span, by sequence number from 1. A span is in exactly one of the three sets once it has its answer. */
export interface SendLedger {
  sent: number
  readonly acknowledged: SequenceSet
  /** The sender was told that it was not taken: it can send again, or knows that it cannot. */
  readonly refused: SequenceSet
  /** Sent without an answer, or in a request of which the server rejected a part: may or may not have arrived. */
  readonly unknown: SequenceSet
  /** Why requests were not acknowledged, with the number of spans. */
  readonly reasons: Map<string, number>
  /** From the instant at which the request was due to its answer, so that a slow server cannot hide behind a late send. */
  readonly latency: Histogram
}

export const emptyLedger = (): SendLedger => ({
  sent: 0,
  acknowledged: new SequenceSet(),
  refused: new SequenceSet(),
  unknown: new SequenceSet(),
  reasons: new Map(),
  latency: new Histogram(),
})

interface World {
  readonly clock: Clock
  readonly network: Pick<Network, 'request'>
}

/**
 * Sends until the count, the duration or `stop` ends it, then waits for what is in flight.
 * Nothing is sent twice. The ledger given in is filled as it goes.
 */
export async function sendTraffic(
  traffic: Traffic,
  { clock, network }: World,
  stop: AbortSignal,
  ledger = emptyLedger(),
): Promise<SendLedger> {
  const { destination, run, rate, spansPerRequest } = traffic
  const start = clock.now()
  const inFlight = new Set<Promise<void>>()
  const last = traffic.count ?? Number.POSITIVE_INFINITY
  const due = (sent: number) => (rate > 0 ? start + (sent / rate) * 1000 : clock.now())

  const sendOne = async (first: number, count: number, dueAt: number) => {
    const reply = await network.request({
      method: 'POST',
      url: destination.url,
      headers: { ...destination.headers, 'content-type': CONTENT_TYPES.json },
      body: traceRequest(run, first, count, clock.epochMs()),
      timeoutMs: destination.timeoutMs,
    })
    const verdict = judgeReply(reply, clock.epochMs())
    ledger.latency.record(clock.now() - dueAt)
    const whole = verdict.kind === 'accepted' && verdict.rejected === 0
    const outcome = whole
      ? ledger.acknowledged
      : verdict.kind === 'accepted' || verdict.kind === 'unknown'
        ? ledger.unknown
        : ledger.refused
    for (let sequence = first; sequence < first + count; sequence++) outcome.add(sequence)
    if (whole) return
    const reason = verdict.kind === 'accepted' ? 'partial success' : verdict.reason
    ledger.reasons.set(reason, (ledger.reasons.get(reason) ?? 0) + count)
  }

  while (ledger.sent < last && !stop.aborted) {
    const dueAt = due(ledger.sent)
    if (traffic.durationMs !== undefined && dueAt >= start + traffic.durationMs) break
    const wait = dueAt - clock.now()
    if (wait > 0) await sleep(clock, wait, stop).catch(() => {})
    while (inFlight.size >= traffic.maxInFlight && !stop.aborted) await Promise.race(inFlight)
    if (stop.aborted) break
    const count = Math.min(spansPerRequest, last - ledger.sent)
    const request = sendOne(ledger.sent + 1, count, dueAt)
    ledger.sent += count
    inFlight.add(request)
    void request.finally(() => inFlight.delete(request))
  }
  await Promise.all(inFlight)
  return ledger
}
