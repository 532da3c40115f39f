import type { Host } from '../core/host.ts'
import { deliver } from './deliver.ts'
import type { Destination } from './destination.ts'
import { whyNot } from './explain.ts'
import type { Verdict } from './reply.ts'
import type { Encoding, Signal } from './signal.ts'

export const encodingFor = ({ protocol }: Destination): Encoding => (protocol === 'http/json' ? 'json' : 'protobuf')

/** An empty request, which OTLP has every server accept: a wrong address should not cost a run. Throws `no-answer` or `no-access`. */
export async function preflight(destination: Destination, signal: Signal, host: Pick<Host, 'network' | 'clock'>): Promise<void> {
  const encoding = encodingFor(destination)
  const body = new TextEncoder().encode(encoding === 'json' ? '{}' : '')
  assertOtlp(await deliver(destination, { signal, encoding, body }, host), destination, signal)
}

/** A server that answers at all is one to send to; only where nobody takes OTLP from us there is nothing to send. */
export function assertOtlp(verdict: Verdict, destination: Destination, signal: Signal): void {
  const problem = whyNot(verdict, destination, signal)
  if (problem) throw problem
}
