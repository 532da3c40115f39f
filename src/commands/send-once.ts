import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { json } from '../formats/json.ts'
import { type SentOnce, sendOnceText } from '../formats/send-once-text.ts'
import { deliver } from '../otlp/deliver.ts'
import { type Destination, redactUrl } from '../otlp/destination.ts'
import { assertOtlp } from '../otlp/preflight.ts'
import type { Verdict } from '../otlp/reply.ts'
import type { Lane } from '../otlp/sender.ts'
import { transcode } from '../otlp/transcode.ts'

/** One request of each signal: what was sent, and the answer. */
export async function sendOnce(lanes: readonly Lane[], asJson: boolean, host: Host): Promise<number> {
  const { clock, terminal, interrupted } = host
  const all: SentOnce[] = []
  for (const { source, endpoints } of lanes) {
    const destination = endpoints[0] as Destination
    const outgoing = source.next(1, 1, clock.epochMs())
    if (!outgoing) continue
    const { payload } = outgoing
    const request = JSON.parse(new TextDecoder().decode(transcode(payload, 'json').body))
    const before = clock.now()
    const verdict = await deliver(destination, payload, host, interrupted)
    assertOtlp(verdict, destination, payload.signal)
    all.push({
      signal: payload.signal,
      protocol: destination.protocol,
      url: redactUrl(destination.url),
      bytes: payload.body.length,
      request,
      answer: verdict.kind,
      rejected: verdict.kind === 'accepted' ? verdict.rejected : 0,
      reason: reasonOf(verdict),
      latency_ms: Math.round((clock.now() - before) * 100) / 100,
    })
  }
  terminal.out(asJson ? json(all) : sendOnceText(all, painterFor(terminal.colour.out)))
  return all.every(({ answer, rejected }) => answer === 'accepted' && rejected === 0) ? 0 : 1
}

const reasonOf = (verdict: Verdict): string | null => (verdict.kind === 'accepted' ? (verdict.message ?? null) : verdict.reason)
