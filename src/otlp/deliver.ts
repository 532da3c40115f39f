import type { Clock } from '../core/clock.ts'
import { OTLP_METHODS } from '../core/grpc.ts'
import type { GrpcReply, HttpReply, Network } from '../core/host.ts'
import type { Destination } from './destination.ts'
import type { Payload } from './payload.ts'
import { judgeCall, judgeReply, type Verdict } from './reply.ts'
import { CONTENT_TYPES } from './signal.ts'
import { transcode } from './transcode.ts'

interface World {
  readonly clock: Pick<Clock, 'epochMs'>
  readonly network: Pick<Network, 'request' | 'call'>
}

/** Sends one request once, in the destination's protocol, and says what became of it. */
export async function deliver(
  destination: Destination,
  payload: Payload,
  { clock, network }: World,
  signal?: AbortSignal,
): Promise<Verdict> {
  const encoding = destination.protocol === 'http/json' ? 'json' : 'protobuf'
  const reply = await post(destination, transcode(payload, encoding), network, signal)
  return 'grpc' in reply ? judgeCall(reply.grpc, payload.signal) : judgeReply(reply.http, clock.epochMs())
}

async function post(
  { protocol, url, headers, timeoutMs, compression, tls }: Destination,
  payload: Payload,
  network: World['network'],
  signal: AbortSignal | undefined,
): Promise<{ grpc: GrpcReply } | { http: HttpReply }> {
  const common = {
    url,
    body: payload.body,
    timeoutMs,
    ...(compression === 'none' ? {} : { compression }),
    ...(tls ? { tls } : {}),
    ...(signal ? { signal } : {}),
  }
  if (protocol === 'grpc') return { grpc: await network.call({ ...common, headers, path: OTLP_METHODS[payload.signal] }) }
  const typed = { ...headers, 'content-type': CONTENT_TYPES[payload.encoding] }
  return { http: await network.request({ ...common, method: 'POST', headers: typed }) }
}
