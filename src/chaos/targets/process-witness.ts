import type { Host } from '../../core/host.ts'
import { parsePrometheus, type Sample } from '../../metrics/prometheus.ts'
import { Counters } from '../counters.ts'
import { fileHere } from './containers/arrival-files.ts'
import { type ArrivalSource, counterSource, fileSource } from './containers/arrival-source.ts'
import type { BackendProcess } from './process-settings.ts'

const SCRAPE_TIMEOUT_MS = 2000
const SCRAPED_EVERY_MS = 250

/** The best witness that a process is described with: a file, a sink's own count of the run, or a collector's counters. */
export function processWitness({ arrivals, sink, metrics = '' }: BackendProcess, run: string, host: Host): ArrivalSource {
  if (arrivals !== undefined) return fileSource(fileHere(arrivals, host), run)
  if (sink !== undefined) return sinkSource(() => metricsAt(sink, host), run)
  return counterSource(new Counters(() => metricsAt(metrics, host), host.clock), 'is counted by its own metrics')
}

async function metricsAt(url: string, { network }: Pick<Host, 'network'>): Promise<readonly Sample[]> {
  const reply = await network.request({ method: 'GET', url, timeoutMs: SCRAPE_TIMEOUT_MS })
  return reply.kind === 'answer' && reply.status === 200 ? parsePrometheus(new TextDecoder().decode(reply.body)) : []
}

/** A `failoverctl sink` tells of each run how many different spans it has: exact, but not which. */
export function sinkSource(scrape: () => Promise<readonly Sample[]>, run: string): ArrivalSource {
  let [counted, countedBefore] = [0, Number.POSITIVE_INFINITY]
  let doubt: string | undefined = 'has not been asked yet'
  const look = async () => {
    const samples = await scrape().catch(() => [])
    const isSink = samples.some(({ name }) => name === 'failoverctl_sink_requests_total')
    const own = samples.find(
      ({ name, labels }) => name === 'failoverctl_sink_run_items_total' && labels.run === run && labels.signal === 'traces',
    )
    // One that was started again has forgotten what came before.
    const forgot = isSink && (own?.value ?? 0) < counted
    doubt = forgot ? 'was started again and has forgotten what came before' : isSink ? undefined : 'gave no metrics of a sink'
    counted = Math.max(counted, own?.value ?? 0)
  }
  return {
    everyMs: SCRAPED_EVERY_MS,
    knowsWithinMs: SCRAPED_EVERY_MS,
    note: 'is counted by its sink, which tells how many different spans came, and not which',
    begin: look,
    look,
    get holding() {
      return {
        counted,
        off: 0,
        why: 'is counted by its sink, which tells how many different spans came, and not which',
        ...(doubt !== undefined && { doubt }),
      }
    },
    mark: () => void (countedBefore = counted),
    get hasArrived() {
      return counted > countedBefore
    },
    beforeReturn: look,
    close: async () => {},
  }
}
