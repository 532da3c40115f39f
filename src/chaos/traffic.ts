import { roundRobin } from '../otlp/choose.ts'
import { type Destination, plainDestination } from '../otlp/destination.ts'
import type { SendLedger } from '../otlp/ledger.ts'
import type { Traffic } from '../otlp/sender.ts'
import { countedIds } from '../otlp/synthesize/ids.ts'
import { PLAIN } from '../otlp/synthesize/shape.ts'
import type { Source } from '../otlp/synthesize/source.ts'
import { synthetic } from '../otlp/synthesize/synthetic.ts'
import type { Experiment } from './experiment.ts'
import type { Target } from './target.ts'

const MAX_IN_FLIGHT = 256

/** The spans of an experiment: numbered, at a steady rate, to the collector under test. `sending` is told the first of each request. */
export const trafficOf = (
  { rate, spansPerRequest }: Experiment,
  run: string,
  target: Pick<Target, 'trafficUrl' | 'trafficOver'>,
  ledger: SendLedger,
  sending: (first: number) => void = () => {},
): Traffic => ({
  lanes: [
    {
      source: heard(
        synthetic({
          signal: 'traces',
          encoding: target.trafficOver === 'grpc' ? 'protobuf' : 'json',
          shape: PLAIN,
          run,
          ids: countedIds(run),
          startedAtMs: 0,
        }),
        sending,
      ),
      endpoints: [destinationOf(target)],
      ledger,
    },
  ],
  rate,
  itemsPerRequest: spansPerRequest,
  connections: MAX_IN_FLIGHT,
  choice: roundRobin(1),
})

const heard = (source: Source, sending: (first: number) => void): Source => ({
  ...source,
  next(first, wanted, epochMs) {
    sending(first)
    return source.next(first, wanted, epochMs)
  },
})

const destinationOf = ({ trafficUrl, trafficOver }: Pick<Target, 'trafficUrl' | 'trafficOver'>): Destination => {
  const plain = plainDestination('traces', trafficUrl)
  return trafficOver === 'grpc' ? { ...plain, protocol: 'grpc', url: trafficUrl } : plain
}
