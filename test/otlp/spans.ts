import { countedIds } from '../../src/otlp/synthesize/ids.ts'
import { PLAIN } from '../../src/otlp/synthesize/shape.ts'
import type { Outgoing } from '../../src/otlp/synthesize/source.ts'
import { synthetic } from '../../src/otlp/synthesize/synthetic.ts'

/** An OTLP/JSON traces request with `count` spans of a run, numbered from `first`. */
export const traceRequest = (run: string, first: number, count: number, epochMs: number): Uint8Array => {
  const source = synthetic({ signal: 'traces', encoding: 'json', shape: PLAIN, run, ids: countedIds(run), startedAtMs: 0 })
  return (source.next(first, count, epochMs) as Outgoing).payload.body
}
