import type { Failover, Graph, Outlet } from '../collector/graph.ts'
import { sendingOf } from '../collector/sending.ts'
import { outletsOf } from './expected-level.ts'

/** Room for scheduling and scraping on top of what the config allows. */
const MARGIN_MS = 2000
/** A single backend is tried again after at most so long (configretry's max_interval, core 0.161). */
const RECONNECT_MS = 30_000

/** How long a config may take to fail over and to recover, when it does what its settings say. Milliseconds. */
export function allowedTimes(
  graph: Graph,
  failover: Failover | undefined,
): { readonly failoverWithinMs: number; readonly recoverWithinMs: number } {
  if (!failover) return { failoverWithinMs: MARGIN_MS, recoverWithinMs: RECONNECT_MS + MARGIN_MS }
  // A hanging level is noticed after its exporter's timeout, one level after the other.
  const timeouts = inTurn(failover.levels.map(outletsOf), graph)
  return {
    failoverWithinMs: timeouts + MARGIN_MS,
    // Two ticks: the first may meet a gRPC client that has not reconnected yet.
    recoverWithinMs:
      2 * (failover.retryInterval.value + nestedRetryMs(failover.levels.flatMap(outletsOf))) + timeouts + MARGIN_MS,
  }
}

/** How long levels may hang that are tried one after the other. */
const inTurn = (levels: readonly (readonly Outlet[])[], graph: Graph): number =>
  levels.map(outlets => Math.max(0, ...outlets.map(outlet => hangs(outlet, graph)))).reduce((sum, ms) => sum + ms, 0)

const hangs = (outlet: Outlet, graph: Graph): number =>
  typeof outlet === 'string' ? timeoutOf(graph, outlet) : inTurn(outlet.levels, graph)

/** A failover connector in a level has ticks of its own, for which a level above waits in vain. */
const nestedRetryMs = (outlets: readonly Outlet[]): number =>
  Math.max(
    0,
    ...outlets.map(outlet => (typeof outlet === 'string' ? 0 : outlet.retryIntervalMs + nestedRetryMs(outlet.levels.flat()))),
  )

/** How long an exporter waits for an answer, in milliseconds; 0 is for ever. */
export function timeoutOf(graph: Graph, id: string): number {
  const exporter = graph.components.exporters.get(id)
  return (exporter && sendingOf(exporter).timeout?.value) ?? 0
}
