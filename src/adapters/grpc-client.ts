import { isIP } from 'node:net'
import {
  type ChannelOptions,
  Client,
  credentials,
  logVerbosity,
  Metadata,
  type ServiceError,
  setLogVerbosity,
} from '@grpc/grpc-js'
import { GRPC } from '../core/grpc.ts'
import type { GrpcReply, GrpcRequest, Tls } from '../core/host.ts'
import { decodeRpcStatus } from '../core/rpc-status.ts'
import { checkTls, tlsKey } from './client-tls.ts'
import { wireProblem } from './wire-problem.ts'

// Its complaints go to the console, which is not its to write to; what matters is in the reply.
setLogVerbosity(logVerbosity.NONE)

/** OTLP answers are small (its specification recommends a cap of 4 MiB). */
const MAX_REPLY_BYTES = 4 * 1024 * 1024
const GZIP = 2

const OPTIONS: ChannelOptions = {
  // Nothing is sent twice by itself, and no connection is shared with another set of certificates.
  'grpc.enable_retries': 0,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.service_config_disable_resolution': 1,
  'grpc.enable_http_proxy': 0,
  'grpc.enable_channelz': 0,
  'grpc.max_receive_message_length': MAX_REPLY_BYTES,
  'grpc.max_send_message_length': -1,
  'grpc.primary_user_agent': 'failoverctl',
}

export interface GrpcClient {
  call(request: GrpcRequest): Promise<GrpcReply>
  close(): void
}

/** One connection for each origin, set of certificates and compression. */
export function grpcClient(): GrpcClient {
  const clients = new Map<string, Client>()
  const clientFor = (request: GrpcRequest) => {
    const key = keyOf(request)
    const found = clients.get(key) ?? connectTo(request)
    clients.set(key, found)
    return found
  }
  // A channel that could not connect waits by its own backoff; the next call gets a new one, which dials at once.
  const forget = (request: GrpcRequest, client: Client) => {
    if (clients.get(keyOf(request)) !== client) return
    clients.delete(keyOf(request))
    client.close()
  }
  return {
    async call(request) {
      request.signal?.throwIfAborted()
      // From the call on: to make a client of certificates takes longer than some limits.
      const deadline = Date.now() + request.timeoutMs
      try {
        const client = clientFor(request)
        const reply = await call(client, request, deadline)
        if (reply.kind === 'not-sent') forget(request, client)
        return reply
      } catch (error) {
        if (request.signal?.aborted) throw request.signal.reason
        // What cannot even be tried: certificates that are none, a header that HTTP forbids.
        return { kind: 'not-sent', reason: 'the request cannot be sent', ...wireProblem(error) }
      }
    },
    close() {
      for (const client of clients.values()) client.close()
      clients.clear()
    },
  }
}

const keyOf = ({ url, compression, tls }: GrpcRequest) => `${url} ${compression ?? ''} ${tlsKey(tls)}`

function connectTo({ url, compression, tls }: GrpcRequest): Client {
  const { hostname, port, protocol } = new URL(url)
  const secure = protocol === 'https:'
  // The library takes an address for a server name; that Node will ignore it one day is nothing for a person to read.
  if (secure && isIP(hostname.replace(/[[\]]/g, ''))) Object.assign(process, { noDeprecation: true })
  return new Client(`${hostname}:${port || (secure ? 443 : 80)}`, secure ? credentialsOf(tls) : credentials.createInsecure(), {
    ...OPTIONS,
    ...(compression === 'gzip' ? { 'grpc.default_compression_algorithm': GZIP } : {}),
    ...(tls?.serverName ? { 'grpc.ssl_target_name_override': tls.serverName } : {}),
  })
}

function credentialsOf(tls: Tls = { verify: true }) {
  checkTls(tls)
  const pem = (text: string | undefined) => (text === undefined ? null : Buffer.from(text))
  return credentials.createSsl(pem(tls.ca), pem(tls.key), pem(tls.cert), { rejectUnauthorized: tls.verify })
}

/** Two clocks of whole milliseconds. */
const CLOCK_STEP_MS = 2

const same = (bytes: Buffer) => bytes

function call(client: Client, { path, headers, binary, body, signal }: GrpcRequest, deadline: number): Promise<GrpcReply> {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(headers ?? {})) metadata.set(name, value)
  for (const [name, value] of Object.entries(binary ?? {})) metadata.set(name, Buffer.from(value))
  const message = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return new Promise((resolve, reject) => {
    let answered = false
    const interrupt = () => current.cancel()
    const current = client.makeUnaryRequest(path, same, same, message, metadata, { deadline }, (error, value) => {
      signal?.removeEventListener('abort', interrupt)
      if (signal?.aborted) return reject(signal.reason)
      if (!error) return resolve({ kind: 'answer', code: GRPC.OK, message: '', retryDelayMs: undefined, body: value ?? NO_BODY })
      const opened = current.getPeer() !== client.getChannel().getTarget()
      resolve(explain(error, { opened, answered, isOver: Date.now() >= deadline - CLOCK_STEP_MS }))
    })
    current.on('metadata', () => {
      answered = true
    })
    signal?.addEventListener('abort', interrupt, { once: true })
  })
}

const NO_BODY = new Uint8Array()

interface Progress {
  /** A stream was opened for the call. */
  readonly opened: boolean
  /** The server's first headers came. */
  readonly answered: boolean
  /** The call's deadline has passed. */
  readonly isOver: boolean
}

/** What the library says by itself once a stream is open; anything else stood in the server's trailers. */
const STREAM_ENDED =
  /^(?:Connection dropped|Received RST_STREAM|Call cancelled|Bandwidth exhausted|Protocol not secure|\w+ E[A-Z]+$)/

/** The library gives its own failures the codes of a server's answers; who spoke is told by its words and by what came. */
function explain(error: ServiceError, { opened, answered, isOver }: Progress): GrpcReply {
  const { code, details, metadata } = error
  const gaveUp = code === GRPC.DEADLINE_EXCEEDED && details.startsWith('Deadline exceeded after')
  if (gaveUp && !details.includes('remote_addr=')) {
    return { kind: 'not-sent', reason: 'no connection in time', problem: 'no-connection-in-time' }
  }
  // The server knows the deadline, too, and may be the first to say that it is over.
  if (gaveUp || (code === GRPC.DEADLINE_EXCEEDED && isOver))
    return { kind: 'no-answer', reason: 'no answer in time', timedOut: true }
  const fromServer = Object.keys(metadata.getMap()).length > 0 || (answered && !STREAM_ENDED.test(details))
  if (fromServer || details.startsWith('Received HTTP status')) {
    const packed = metadata.get('grpc-status-details-bin')[0]
    const retryDelayMs = packed instanceof Uint8Array ? decodeRpcStatus(packed).retryDelayMs : undefined
    return { kind: 'answer', code, message: details, retryDelayMs, body: NO_BODY }
  }
  if (!opened || details.startsWith('Stream refused') || details.startsWith('Failed to start HTTP/2 stream')) {
    return { kind: 'not-sent', reason: 'no connection', ...wireProblem(details) }
  }
  return { kind: 'no-answer', reason: 'connection closed before an answer', timedOut: false }
}
