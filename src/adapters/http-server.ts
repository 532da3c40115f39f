import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { promisify } from 'node:util'
import { gunzip as gunzipCallback } from 'node:zlib'
import { FailoverctlError } from '../core/errors.ts'
import type { Address, HttpHandler, Listener, ServedReply } from '../core/host.ts'
import { holderOf } from './port-holder.ts'

/** The collector's default (confighttp max_request_body_size), which it answers with 400; measured on core 0.161. */
const MAX_REQUEST_BYTES = 20 * 1024 * 1024

const gunzip = promisify(gunzipCallback)

export async function listen({ host, port }: Address, handle: HttpHandler): Promise<Listener> {
  const sockets = new Set<Socket>()
  const server = createServer(
    { keepAliveTimeout: 0, requestTimeout: 0 },
    (request, response) => void serve(request, response, handle),
  )
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await listening(server, { host, port })
  return {
    host,
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise(resolve => server.close(resolve))
      for (const socket of sockets) socket.resetAndDestroy()
      await closed
    },
  }
}

function listening(server: Server, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, { host, port })))
    server.listen({ host, port })
  })
}

function explain(error: NodeJS.ErrnoException, { host, port }: Address): FailoverctlError {
  if (error.code !== 'EADDRINUSE') {
    return new FailoverctlError(
      'cannot-listen',
      `cannot listen on ${host}:${port} (${error.code ?? error.message})`,
      undefined,
      error,
    )
  }
  const holder = holderOf(port)
  return new FailoverctlError(
    'port-in-use',
    `port ${port} on ${host} is in use${holder ? ` by ${holder}` : ''}`,
    'Stop what holds it, or use --free-ports to let the lab choose free ones.',
    error,
  )
}

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
