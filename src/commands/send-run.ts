import { Option } from 'commander'
import type { RunRecord } from '../chaos/journal/record.ts'
import { parentOf, runTrace } from '../chaos/journal/run-trace.ts'
import type { Host } from '../core/host.ts'
import { deliver } from '../otlp/deliver.ts'
import { destinationOf, redactUrl } from '../otlp/destination.ts'
import type { Verdict } from '../otlp/reply.ts'
import { transcode } from '../otlp/transcode.ts'

/** Where a trace goes that tells of a run; what is not said there comes from OTEL_EXPORTER_OTLP_…. */
export const otlpOption = (): Option =>
  new Option('--otlp [url]', 'send the run itself as a trace (default: to OTEL_EXPORTER_OTLP_ENDPOINT)')

/** Sends a run as a trace, where that is asked for: below the span that TRACEPARENT names. A run is as good without. */
export async function sendRun(url: string | true | undefined, record: RunRecord, host: Host): Promise<void> {
  if (url === undefined) return
  const { env, terminal, random } = host
  try {
    const destination = await destinationOf('traces', { endpoint: url === true ? undefined : url, headers: [] }, host)
    const parent = parentOf(env.TRACEPARENT)
    const trace = runTrace(record, {
      traceId: hex(16, random),
      ...parent,
      ...(parent && env.TRACESTATE && { traceState: env.TRACESTATE }),
      spanId: () => hex(8, random),
    })
    const payload = { signal: 'traces', encoding: 'json', body: new TextEncoder().encode(JSON.stringify(trace)) } as const
    const encoded = destination.protocol === 'http/json' ? payload : transcode(payload, 'protobuf')
    const problem = problemOf(await deliver(destination, encoded, host))
    if (problem) terminal.err(`the trace of the run was not taken by ${redactUrl(destination.url)}: ${problem}\n`)
  } catch (error) {
    terminal.err(`the trace of the run was not sent: ${error instanceof Error ? error.message : String(error)}\n`)
  }
}

function problemOf(verdict: Verdict): string | undefined {
  if (verdict.kind !== 'accepted')
    return 'message' in verdict && verdict.message ? `${verdict.reason}: ${verdict.message}` : verdict.reason
  return verdict.rejected > 0 ? `${verdict.rejected} spans rejected: ${verdict.message ?? ''}` : undefined
}

const hex = (bytes: number, random: () => number): string =>
  Array.from({ length: bytes }, () =>
    Math.floor(random() * 256)
      .toString(16)
      .padStart(2, '0'),
  ).join('')
