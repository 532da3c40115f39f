import type { Graph } from '../collector/graph.ts'
import { acknowledgesFirst } from './acknowledges-first.ts'
import { hides, type Placed } from './levels.ts'

/** What a sender waits for an answer when nobody says otherwise (OTLP exporter specification, OTEL_EXPORTER_OTLP_TIMEOUT). */
export const SENDER_TIMEOUT_MS = 10_000

/** Whether an OTLP sender waits for what the level answers, so that a request which it gives up is cancelled there, too. */
export function keepsSenderWaiting({ failover, pipeline }: Placed, graph: Graph): boolean {
  const answersFirst = ({ processors }: Pick<typeof pipeline, 'processors'>) =>
    processors.some(processor => acknowledgesFirst(processor, graph))
  if (hides(failover.queue) || answersFirst(pipeline)) return false
  return failover.sources.some(
    source => source.receivers.some(({ id }) => graph.components.receivers.get(id)?.type === 'otlp') && !answersFirst(source),
  )
}
