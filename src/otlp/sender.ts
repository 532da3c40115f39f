import type { Clock } from '../core/clock.ts'
import type { Network } from '../core/host.ts'
import type { Choice } from './choose.ts'
import { deliver } from './deliver.ts'
import type { Destination } from './destination.ts'
import { enter, type SendLedger } from './ledger.ts'
import { Pace } from './pace.ts'
import type { Verdict } from './reply.ts'
import type { Outgoing, Source } from './synthesize/source.ts'

export interface Traffic {
  /** One for each signal; they take turns, request by request. */
  readonly lanes: readonly Lane[]
  /** Items per second in all; 0 sends as fast as the answers come. */
  readonly rate: number
  readonly itemsPerRequest: number
  /** Ends after so many items in all. */
  readonly count?: number | undefined
  /** Ends after so long; what was due by then and could not be sent within a second more is not sent. */
  readonly durationMs?: number | undefined
  /** Requests without an answer yet, at most. */
  readonly connections: number
  /** Which endpoint gets a request; the same for all lanes. */
  readonly choice: Choice
  /** How long requests in flight may take once `stop` has aborted (default: as long as their timeouts). */
  readonly patienceMs?: number
}

/** The requests of one signal, and where they go. */
export interface Lane {
  readonly source: Source
  /** The same signal at each endpoint. */
  readonly endpoints: readonly Destination[]
  /** Filled as it goes. */
  readonly ledger: SendLedger
  /** What a request goes by that begins with this number, where the choice asks for it. */
  readonly keyOf?: (first: number) => string
}

export interface Sent {
  /** Items that were due by the rate and were not sent, because `connections` requests waited for their answers. */
  readonly late: number
}

interface World {
  readonly clock: Clock
  readonly network: Pick<Network, 'request' | 'call'>
}

/** What was due before the end may go out so much later: a busy machine is no slow server. */
const LAST_CALL_MS = 1000

/**
 * Sends until the count, the duration, the end of all sources or `stop` ends it, then waits for what is in flight.
 * Each request is due by the rate and nothing else: one that is late is sent at once, and its latency counts from when it was due.
 * Nothing is sent twice, unless `choice` sends what one endpoint surely did not take to another.
 */
export async function sendTraffic(traffic: Traffic, world: World, stop: AbortSignal): Promise<Sent> {
  const { clock } = world
  const start = clock.now()
  const end = start + (traffic.durationMs ?? Number.POSITIVE_INFINITY)
  const last = traffic.count ?? Number.POSITIVE_INFINITY
  const pace = new Pace(clock, stop, end + LAST_CALL_MS, traffic.connections)
  const lanes = [...traffic.lanes]
  const inFlight = new Set<AbortController>()
  let sent = 0
  for (let turn = 0; lanes.length > 0 && sent < last; turn++) {
    const dueAt = traffic.rate > 0 ? start + (sent / traffic.rate) * 1000 : clock.now()
    if (dueAt >= end || !(await pace.until(dueAt)) || !(await pace.connection())) break
    const lane = lanes[turn % lanes.length] as Lane
    const { ledger } = lane
    const first = ledger.sent + 1
    const outgoing = lane.source.next(first, Math.min(traffic.itemsPerRequest, last - sent), clock.epochMs())
    if (!outgoing) {
      lanes.splice(lanes.indexOf(lane), 1)
      continue
    }
    ledger.requests++
    ledger.bytes += outgoing.payload.body.length
    ledger.sent += outgoing.items
    sent += outgoing.items
    const request = new AbortController()
    inFlight.add(request)
    pace.track(
      attempt(lane, outgoing, traffic.choice, world, request.signal, lane.keyOf?.(first)).then(({ verdict, endpoint }) => {
        inFlight.delete(request)
        enter(ledger, first, outgoing.items, verdict, endpoint)
        ledger.latency.record(clock.now() - dueAt)
      }),
    )
  }
  const cancel = giveUpAfter(traffic.patienceMs, clock, stop, inFlight)
  await pace.allAnswered()
  cancel()
  return { late: lateItems(traffic, sent, start, end, clock.now(), lanes.length > 0 && !stop.aborted) }
}

function lateItems(
  { rate, durationMs, count }: Traffic,
  sent: number,
  start: number,
  end: number,
  now: number,
  hasMore: boolean,
) {
  if (rate === 0 || durationMs === undefined || !hasMore) return 0
  const due = Math.min(count ?? Number.POSITIVE_INFINITY, Math.floor(((Math.min(now, end) - start) * rate) / 1000))
  return Math.max(0, due - sent)
}

interface Attempted {
  readonly verdict: Verdict
  /** The last one that was tried. */
  readonly endpoint: number
}

/** One request, at the endpoint that is chosen, and at others as long as it was surely not taken. */
async function attempt(
  { endpoints }: Lane,
  { payload, settled }: Outgoing,
  choice: Choice,
  world: World,
  signal: AbortSignal,
  key: string | undefined,
): Promise<Attempted> {
  const tried: number[] = []
  for (let last: Attempted = { verdict: NOWHERE, endpoint: 0 }; ; ) {
    const endpoint = choice.choose(tried, world.clock.now(), key)
    const destination = endpoint === undefined ? undefined : endpoints[endpoint]
    if (endpoint === undefined || !destination) return last
    const verdict = await deliver(destination, payload, world, signal).catch(error => gaveUp(error, signal))
    choice.record(endpoint, verdict, world.clock.now())
    if (verdict.kind === 'accepted' && tried.length === 0) settled()
    last = { verdict, endpoint }
    if (verdict.kind !== 'try-later') return last
    tried.push(endpoint)
  }
}

const NOWHERE: Verdict = { kind: 'try-later', reason: 'no endpoint', afterMs: undefined, notSent: true }

function gaveUp(error: unknown, signal: AbortSignal): Verdict {
  if (!signal.aborted) throw error
  return { kind: 'unknown', reason: 'interrupted before an answer', timedOut: false }
}

function giveUpAfter(
  ms: number | undefined,
  clock: Clock,
  stop: AbortSignal,
  inFlight: ReadonlySet<AbortController>,
): () => void {
  if (ms === undefined) return () => {}
  let cancel = () => {}
  const begin = () => {
    cancel = clock.timer(ms, () => {
      for (const request of inFlight) request.abort()
    })
  }
  if (stop.aborted) begin()
  else stop.addEventListener('abort', begin, { once: true })
  return () => {
    stop.removeEventListener('abort', begin)
    cancel()
  }
}
