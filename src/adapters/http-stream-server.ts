import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { pipeline } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import type { Address, Body, Interruption, StreamHandler, StreamListener, Tls } from '../core/host.ts'
import { listenOn } from './listen-on.ts'
import { secured } from './server-tls.ts'

/** A body up to this length that says its length is read whole before the handler is asked. */
const SMALL = 64 * 1024

/** How often a draining server looks for connections that have become idle. */
const LOOK_MS = 20

export async function serve(address: Address, handle: StreamHandler, tls?: Tls): Promise<StreamListener> {
  let draining = false
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    void answer(request, response, async asked => {
      const reply = await handle(asked)
      // Also a request that was under way: its client must not send the next one into the end.
      response.shouldKeepAlive &&= !draining
      return reply
    })
  }
  const server = tls ? createSecureServer(secured(tls), onRequest) : createServer(onRequest)
  const listener = await listenOn(server, address)
  return {
    ...listener,
    renewal(next) {
      const settings = secured(next)
      return () => {
        if ('setSecureContext' in server) server.setSecureContext(settings)
      }
    },
    async drain(ms) {
      draining = true
      let open = true
      server.close(() => {
        open = false
      })
      for (let left = ms; open && left > 0; left -= LOOK_MS) {
        server.closeIdleConnections()
        await pause(LOOK_MS)
      }
      await listener.close()
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, handle: StreamHandler): Promise<void> {
  const gone = new Gone()
  response.on('close', () => {
    if (!response.writableFinished) gone.tell()
  })
  try {
    const reply = await handle({
      method: request.method ?? 'GET',
      target: request.url ?? '/',
      headers: request.headers,
      body: await bodyOf(request),
      peer: request.socket.remoteAddress,
      secure: request.socket instanceof TLSSocket,
      gone,
    })
    if (response.destroyed) return
    const { body = '' } = reply
    const whole = typeof body === 'string' || body instanceof Uint8Array
    // What has no body by its nature keeps the length that it was given.
    const bodiless = request.method === 'HEAD' || reply.status === 204 || reply.status === 304
    const length = whole && !bodiless ? { 'content-length': Buffer.byteLength(body) } : {}
    response.writeHead(reply.status, { ...reply.headers, ...length } as Record<string, string | string[]>)
    if (whole) endTogether(response, body)
    // A failure in the middle destroys the response, which resets the connection.
    else pipeline(body, response, () => {})
  } catch {
    if (response.headersSent) response.destroy()
    else if (!response.destroyed) response.writeHead(500).end()
  }
  if (request.readableEnded) return
  if (response.writableFinished) dropRest(request)
  else response.once('finish', () => dropRest(request))
}

/**
 * What the handler left of the body is read and dropped, so that the connection can be used again. Not before the answer is out: a
 * backend may read on while it answers. An iterator that was left waits for `readable`, and as long as it does nothing flows.
 */
function dropRest(request: IncomingMessage): void {
  request.removeAllListeners('readable')
  request.on('data', () => {})
  request.resume()
}

const ending: (() => void)[] = []

/**
 * Answers of one turn of the event loop are written right one after the other. A write wakes the client, which handles it and sleeps
 * again: with the next request's work between two writes that happens for each, and costs more than the write itself.
 */
function endTogether(response: ServerResponse, body: string | Uint8Array): void {
  if (ending.push(() => response.end(body)) > 1) return
  setImmediate(() => {
    for (const end of ending.splice(0)) end()
  })
}

class Gone implements Interruption {
  aborted = false
  reason: unknown
  readonly #hearers = new Set<() => void>()

  addEventListener(_: 'abort', hear: () => void): void {
    this.#hearers.add(hear)
  }

  removeEventListener(_: 'abort', hear: () => void): void {
    this.#hearers.delete(hear)
  }

  tell(): void {
    this.aborted = true
    this.reason = new Error('the client has gone')
    for (const hear of [...this.#hearers]) hear()
  }
}

function bodyOf(request: IncomingMessage): Body | undefined | Promise<Body> {
  const { 'transfer-encoding': chunked, 'content-length': length = '0' } = request.headers
  if (chunked !== undefined || Number(length) > SMALL) return request
  return length === '0' ? undefined : whole(request)
}

function whole(request: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    request.on('data', part => parts.push(part))
    request.on('end', () => resolve(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)))
    request.on('error', reject)
  })
}
