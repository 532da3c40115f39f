import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { promisify } from 'node:util'
import { gunzip as gunzipCallback } from 'node:zlib'
import type { Address, HttpHandler, Listener, ServedReply, Tls } from '../core/host.ts'
import { listenOn } from './listen-on.ts'

/** The collector's default (confighttp max_request_body_size), which it answers with 400; measured on core 0.161. */
const MAX_REQUEST_BYTES = 20 * 1024 * 1024

const gunzip = promisify(gunzipCallback)

export async function listen(address: Address, handle: HttpHandler, tls?: Tls): Promise<Listener> {
  const onRequest = (request: IncomingMessage, response: ServerResponse) => void serve(request, response, handle)
  const settings = { keepAliveTimeout: 0, requestTimeout: 0 }
  const server = tls ? createSecureServer({ ...settings, ...secured(tls) }, onRequest) : createServer(settings, onRequest)
  return listenOn(server, address)
}

const secured = ({ ca, cert, key }: Tls) => ({ cert, key, ...(ca === undefined ? {} : { ca, requestCert: true }) })

async function serve(request: IncomingMessage, response: ServerResponse, handle: HttpHandler): Promise<void> {
  try {
    const reply = await answer(request, response, handle)
    if (response.destroyed) return
    const content = reply.body ?? ''
    response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(content as string) })
    response.end(content)
  } catch {
    // The handler failed, or the peer went away in the middle.
    if (!response.headersSent && !response.destroyed) response.writeHead(500).end()
  }
}

const badRequest = (body: string): ServedReply => ({ status: 400, headers: { 'content-type': 'text/plain' }, body })

async function answer(request: IncomingMessage, response: ServerResponse, handle: HttpHandler): Promise<ServedReply> {
  const packed = await readBody(request)
  if (!packed) return badRequest('http: request body too large')
  const body = request.headers['content-encoding'] === 'gzip' ? await unpack(packed) : packed
  if (!body) return badRequest('gzip: invalid header')
  return handle({
    method: request.method ?? 'GET',
    path: (request.url ?? '/').split('?')[0] as string,
    headers: request.headers as Record<string, string | undefined>,
    body,
    abandoned: () => response.destroyed || request.socket.destroyed,
  })
}

const unpack = (body: Buffer): Promise<Buffer | undefined> =>
  gunzip(body, { maxOutputLength: MAX_REQUEST_BYTES }).catch(() => undefined)

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MAX_REQUEST_BYTES) return undefined
    chunks.push(chunk)
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
}
