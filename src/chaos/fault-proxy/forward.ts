import { statusOfCode } from '../../core/answer-status.ts'
import { GRPC, OTLP_METHODS } from '../../core/grpc.ts'
import type { Address, Network } from '../../core/host.ts'
import { readItems } from '../../otlp/encodings.ts'
import { Items } from '../../otlp/items.ts'
import { partialSuccess } from '../../otlp/partial-success.ts'
import type { Payload } from '../../otlp/payload.ts'
import { retryAfterMs } from '../../otlp/reply.ts'
import { serverWords } from '../../otlp/server-words.ts'
import { transcode } from '../../otlp/transcode.ts'
import { type Answer, type Arrival, type Receive, TAKEN } from '../../sink/arrival.ts'
import { withoutDropped } from '../../sink/store.ts'

export type Wire = 'http' | 'grpc'
type World = { readonly network: Pick<Network, 'request' | 'call'>; readonly clock: { epochMs(): number } }

/** Senders give up long before. */
const TIMEOUT_MS = 60_000

/** What the connection to the backend makes anew; bodies come unpacked. */
const OWN =
  /^(?:host|content-length|content-encoding|accept-encoding|connection|keep-alive|transfer-encoding|te|expect|upgrade|grpc-.*|user-agent)$/

/** Passes each request on to where the backend listens, and its answer back. */
export const forwardTo =
  (wire: Wire, upstream: Address, world: World): Receive =>
  async arrival => {
    // The client has reset it, as when its timeout was over: nobody would pass it on.
    if (arrival.abandoned()) return GONE
    const payload = arrival.keep ? reduced(arrival) : arrival
    if (!payload) return TAKEN
    const origin = `http://${upstream.host.includes(':') ? `[${upstream.host}]` : upstream.host}:${upstream.port}`
    return wire === 'grpc' ? byGrpc(payload, arrival, origin, world) : byHttp(payload, arrival, origin, world)
  }

const GONE: Answer = { status: 503, reset: true }

async function byHttp({ body }: Payload, { via }: Arrival, origin: string, { network, clock }: World): Promise<Answer> {
  const reply = await network.request({
    method: 'POST',
    url: origin + (via?.path ?? ''),
    headers: passedOn(via?.headers ?? {}),
    body,
    timeoutMs: TIMEOUT_MS,
  })
  if (reply.kind === 'not-sent') return { status: 502, message: `failoverctl fault proxy: ${reply.reason}` }
  if (reply.kind === 'no-answer') return GONE
  const { status, headers } = reply
  if (status < 300) return { status, ...partialSuccess(reply.body, {}) }
  const afterMs = retryAfterMs(headers['retry-after'], clock.epochMs())
  const message = serverWords(status, headers, reply.body)
  return { status, message, ...(afterMs === undefined ? {} : { retryAfterMs: afterMs }) }
}

async function byGrpc({ signal, body }: Payload, { via }: Arrival, origin: string, { network }: World): Promise<Answer> {
  const headers = Object.fromEntries(Object.entries(passedOn(via?.headers ?? {})).filter(([name]) => name !== 'content-type'))
  const reply = await network.call({ url: origin, path: OTLP_METHODS[signal], headers, body, timeoutMs: TIMEOUT_MS })
  if (reply.kind === 'not-sent') {
    return { status: 503, code: GRPC.UNAVAILABLE, message: `failoverctl fault proxy: ${reply.reason}` }
  }
  if (reply.kind === 'no-answer') return GONE
  const { code, message, retryDelayMs } = reply
  if (code === GRPC.OK) return { status: 200, ...partialSuccess(reply.body, {}) }
  return { status: statusOfCode(code), code, message, ...(retryDelayMs === undefined ? {} : { retryAfterMs: retryDelayMs }) }
}

const passedOn = (headers: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== undefined && !OWN.test(pair[0])),
  )

/** The request without the items that a fault takes away; undefined when none is left. */
function reduced(arrival: Arrival): Payload | undefined {
  const { signal, encoding, keep } = arrival
  const items = readItems(arrival, new Items())
  const isKept = Array.from({ length: items.length }, (_, index) => keep?.(index, items.sequence[index] as number) ?? true)
  if (isKept.every(kept => kept)) return arrival
  const body = withoutDropped(signal, transcode(arrival, 'json').body, index => isKept[index] as boolean)
  return body && transcode({ signal, encoding: 'json', body }, encoding)
}
