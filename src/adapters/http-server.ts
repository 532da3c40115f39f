import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Address, HttpHandler, Listener, ServedReply, Tls } from '../core/host.ts'
import { canUnpack, unpack } from './compression.ts'
import { listenOn } from './listen-on.ts'
import { secured } from './server-tls.ts'

/** The collector's default (confighttp max_request_body_size), which it answers with 400; measured on core 0.161. */
const MAX_REQUEST_BYTES = 20 * 1024 * 1024

export async function listen(
  address: Address,
  handle: HttpHandler,
  tls?: Tls,
  maxBytes: number = MAX_REQUEST_BYTES,
): Promise<Listener> {
  const onRequest = (request: IncomingMessage, response: ServerResponse) => serve({ request, response, maxBytes }, handle)
  const settings = { keepAliveTimeout: 0, requestTimeout: 0 }
  return listenOn(
    tls ? createSecureServer({ ...settings, ...secured(tls) }, onRequest) : createServer(settings, onRequest),
    address,
  )
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly maxBytes: number
}

function serve(exchange: Exchange, handle: HttpHandler): void {
  const { request, response, maxBytes } = exchange
  const chunks: Buffer[] = []
  let length = 0
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= maxBytes) chunks.push(chunk)
    else if (!response.headersSent) send(response, badRequest('http: request body too large'))
  })
  request.on('end', () => {
    if (length <= maxBytes) void respond(exchange, chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks), handle)
  })
}

async function respond({ request, response, maxBytes }: Exchange, packed: Buffer, handle: HttpHandler): Promise<void> {
  try {
    const encoding = request.headers['content-encoding']
    const body = encoding === undefined || encoding === 'identity' ? packed : await unpacked(encoding, packed, maxBytes)
    const reply = 'status' in body ? body : await handle(served(request, response, body))
    if (reply.reset) breakOff(request.socket)
    else send(response, reply)
  } catch {
    send(response, { status: 500 })
  }
}

// Under TLS there is no reset to be had; the connection just ends.
const breakOff = (socket: Socket) => (socket instanceof TLSSocket ? socket.destroy() : socket.resetAndDestroy())

const served = (request: IncomingMessage, response: ServerResponse, body: Uint8Array) => ({
  method: request.method ?? 'GET',
  path: (request.url ?? '/').split('?', 1)[0] as string,
  headers: request.headers as Record<string, string | undefined>,
  body,
  abandoned: () => response.destroyed || request.socket.destroyed,
})

/** In the words of a collector (confighttp/compression.go of core 0.161). */
async function unpacked(encoding: string, packed: Buffer, maxBytes: number): Promise<Uint8Array | ServedReply> {
  if (!canUnpack(encoding)) return badRequest(`unsupported Content-Encoding: ${encoding}`)
  return unpack(encoding, packed, maxBytes).catch(() => badRequest(`${encoding}: invalid header`))
}

const badRequest = (body: string): ServedReply => ({ status: 400, headers: { 'content-type': 'text/plain' }, body })

// The peer may have gone away in the middle.
function send(response: ServerResponse, { status, headers, body = '' }: ServedReply): void {
  if (response.destroyed || response.headersSent) return
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
