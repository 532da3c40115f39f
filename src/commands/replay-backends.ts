import type { Host } from '../core/host.ts'
import { type Destination, destinationOf, redactUrl } from '../otlp/destination.ts'
import { preflight } from '../otlp/preflight.ts'
import { SIGNALS, type Signal } from '../otlp/signal.ts'
import type { Backend } from '../replay/backends.ts'
import { destinationFlags } from './otlp-flags.ts'
import type { ReplayOptions } from './replay.ts'

/** The endpoints by priority, each with the address of every signal. */
export const backendsOf = (options: ReplayOptions, host: Host): Promise<Backend[]> =>
  Promise.all((options.endpoint.length > 0 ? options.endpoint : [undefined]).map(endpoint => backendOf(endpoint, options, host)))

async function backendOf(endpoint: string | undefined, options: ReplayOptions, host: Host): Promise<Backend> {
  const flags = destinationFlags(options, endpoint)
  const entries = await Promise.all(
    (Object.keys(SIGNALS) as Signal[]).map(async signal => [signal, await destinationOf(signal, flags, host)] as const),
  )
  const destinations = Object.fromEntries(entries) as Record<Signal, Destination>
  return { name: redactUrl(endpoint ?? destinations.traces.url), destinations }
}

/** A wrong address or token ends the run before anything is touched. One of several is enough with failover. */
export async function someBackendIsThere(backends: readonly Backend[], failover: boolean, host: Host): Promise<void> {
  const asked = failover ? backends : backends.slice(0, 1)
  const results = await Promise.allSettled(asked.map(({ destinations }) => preflight(destinations.traces, 'traces', host)))
  const [first] = results
  if (first?.status === 'rejected' && results.every(({ status }) => status === 'rejected')) throw first.reason
}
