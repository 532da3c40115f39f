import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { SENDER_STRATEGIES } from '../failover/choice.ts'
import { parseTarget } from '../failover/endpoint.ts'
import { strategyNamed } from '../failover/strategies/index.ts'
import type { Strategy } from '../failover/strategy.ts'
import { type Destination, destinationOf, redactUrl } from '../otlp/destination.ts'
import { preflight } from '../otlp/preflight.ts'
import { SIGNALS, type Signal } from '../otlp/signal.ts'
import { type Backend, backendsInUse } from '../replay/backends.ts'
import { destinationFlags } from './otlp-flags.ts'
import type { ReplayOptions } from './replay.ts'

/** Those that a replay can ask for: its requests have no keys. */
export const REPLAY_STRATEGIES = ['round-robin', ...SENDER_STRATEGIES.filter(name => name !== 'consistent-hash')] as const

/** Undefined where the first endpoint is waited for. Throws `wrong-use`. */
export function strategyOf({ failover, strategy, region: [region, ...regions] = [] }: ReplayOptions): Strategy | undefined {
  if (strategy === undefined && region !== undefined)
    throw new FailoverctlError('wrong-use', '--region is for --strategy geographic', 'Give both, or none.')
  const name = strategy ?? (failover ? 'active-passive' : undefined)
  return name === undefined ? undefined : strategyNamed(name, { region, regions })
}

/** The endpoints as they were named, each with the address of every signal. */
export const backendsOf = (options: ReplayOptions, host: Host): Promise<Backend[]> =>
  Promise.all((options.endpoint.length > 0 ? options.endpoint : [undefined]).map(endpoint => backendOf(endpoint, options, host)))

async function backendOf(text: string | undefined, options: ReplayOptions, host: Host): Promise<Backend> {
  const { url: endpoint, ...settings } = text === undefined ? { url: undefined } : parseTarget(text)
  const flags = destinationFlags(options, endpoint)
  const entries = await Promise.all(
    (Object.keys(SIGNALS) as Signal[]).map(async signal => [signal, await destinationOf(signal, flags, host)] as const),
  )
  const destinations = Object.fromEntries(entries) as Record<Signal, Destination>
  return { name: redactUrl(endpoint ?? destinations.traces.url), destinations, settings }
}

/** A wrong address or token ends the run before anything is touched. One of those in use is enough. */
export async function someBackendIsThere(
  backends: readonly Backend[],
  strategy: Strategy | undefined,
  host: Host,
): Promise<void> {
  const asked = backendsInUse(backends, strategy)
  const results = await Promise.allSettled(asked.map(({ destinations }) => preflight(destinations.traces, 'traces', host)))
  const [first] = results
  if (first?.status === 'rejected' && results.every(({ status }) => status === 'rejected')) throw first.reason
}
