import type { Clock } from '../core/clock.ts'
import { OTLP_METHODS } from '../core/grpc.ts'
import type { Network } from '../core/host.ts'
import type { Destination } from './destination.ts'
import type { Payload } from './payload.ts'
import { judgeCall, judgeReply, type Verdict } from './reply.ts'
import { CONTENT_TYPES } from './signal.ts'
import { transcode } from './transcode.ts'

interface World {
  readonly clock: Pick<Clock, 'epochMs'>
  readonly network: Pick<Network, 'request' | 'call'>
}

/** What the OTLP specification lets a client send at most, before compression. */
const MAX_REQUEST_BYTES = 64 * 1024 * 1024

/** Sends one request once, and says what became of it: over HTTP in the encoding that it has, over gRPC in protobuf. */
export async function deliver(
  destination: Destination,
  payload: Payload,
  { clock, network }: World,
  signal?: AbortSignal,
): Promise<Verdict> {
  if (payload.body.length > MAX_REQUEST_BYTES) return { kind: 'refused', reason: 'the request is over 64 MiB', status: 0 }
  const secrets = secretsOf(destination)
  const { url, headers, timeoutMs, compression, tls } = destination
  const common = { url, timeoutMs, ...(tls ? { tls } : {}), ...(signal ? { signal } : {}) }
  if (destination.protocol === 'grpc') {
    const { body } = transcode(payload, 'protobuf')
    const packed = compression === 'gzip' ? { compression } : {}
    return judgeCall(await network.call({ ...common, ...packed, headers, body, path: OTLP_METHODS[payload.signal] }), secrets)
  }
  const packed = compression === 'none' ? {} : { compression }
  const typed = { ...headers, 'content-type': CONTENT_TYPES[payload.encoding] }
  const { body } = payload
  return judgeReply(
    await network.request({ ...common, ...packed, method: 'POST', headers: typed, body }),
    clock.epochMs(),
    secrets,
  )
}

/** What a server that repeats what it was sent must not bring to a screen: the values of headers, and of keys in the address. */
const secretsOf = ({ url, headers }: Destination): Readonly<Record<string, string>> =>
  url.includes('?') ? { ...headers, ...Object.fromEntries(new URL(url).searchParams) } : headers
