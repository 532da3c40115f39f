import type { Failover, Graph } from '../collector/graph.ts'
import { sendingOf } from '../collector/sending.ts'
import { exportersOf } from './expected-level.ts'

/** Room for scheduling and scraping on top of what the config allows. */
const MARGIN_MS = 2000

/** How long a config may take to fail over and to recover, when it does what its settings say. Milliseconds. */
export function allowedTimes(
  graph: Graph,
  failover: Failover,
): { readonly failoverWithinMs: number; readonly recoverWithinMs: number } {
  // A hanging level is noticed after its exporter's timeout, one level after the other.
  const timeouts = failover.levels
    .map(level => Math.max(0, ...exportersOf(level).map(id => timeoutOf(graph, id))))
    .reduce((sum, timeout) => sum + timeout, 0)
  return {
    failoverWithinMs: timeouts + MARGIN_MS,
    // Two ticks: the first may meet a gRPC client that has not reconnected yet.
    recoverWithinMs: 2 * failover.retryInterval.value + timeouts + MARGIN_MS,
  }
}

function timeoutOf(graph: Graph, id: string): number {
  const exporter = graph.components.exporters.get(id)
  return (exporter && sendingOf(exporter).timeout?.value) ?? 0
}
