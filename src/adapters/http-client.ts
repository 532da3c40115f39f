import { Agent, buildConnector, type Dispatcher } from 'undici'
import type { HttpReply, HttpRequest, Tls } from '../core/host.ts'
import { checkTls, tlsKey } from './client-tls.ts'
import { pack } from './compression.ts'
import { wireProblem } from './wire-problem.ts'

/** A response body over this is not read on: OTLP answers are small (its specification recommends a cap of 4 MiB). */
const MAX_REPLY_BYTES = 4 * 1024 * 1024

export interface HttpClient {
  request(request: HttpRequest): Promise<HttpReply>
  close(): Promise<void>
}

/** HTTP/1.1 with kept connections. Nothing is ever sent twice by itself: who sends again is the caller's business. */
export function httpClient(): HttpClient {
  const agents = httpAgents()
  return {
    async request(request) {
      request.signal?.throwIfAborted()
      const packed = request.compression && request.body ? await pack(request.body, request.compression) : request.body
      try {
        return await new Promise((resolve, reject) =>
          new Exchange(request, packed, resolve, reject).start(agents.for(request.tls)),
        )
      } catch (error) {
        if (request.signal?.aborted) throw request.signal.reason
        // What cannot even be tried: certificates that are none, a header that HTTP forbids.
        return { kind: 'not-sent', reason: 'the request cannot be sent', ...wireProblem(error) }
      }
    },
    close: agents.close,
  }
}

export interface HttpAgents {
  for(tls: Tls | undefined): Agent
  close(): Promise<void>
}

/** Kept connections, apart for each set of certificates. */
export function httpAgents(): HttpAgents {
  const agents = new Map<string, Agent>()
  return {
    for(tls) {
      const key = tlsKey(tls)
      const found = agents.get(key) ?? newAgent(tls)
      agents.set(key, found)
      return found
    },
    async close() {
      await Promise.all([...agents.values()].map(agent => agent.destroy()))
      agents.clear()
    },
  }
}

function newAgent(tls: Tls | undefined): Agent {
  const settings = { connections: 128, pipelining: 1, allowH2: false, headersTimeout: 0, bodyTimeout: 0 }
  if (!tls) return new Agent({ ...settings, connect: connector({}) })
  const { ca, cert, key, serverName, verify } = tls
  const identity = { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) }
  checkTls(tls)
  const named = serverName ? { servername: serverName } : {}
  return new Agent({ ...settings, connect: connector({ ...identity, ...named, rejectUnauthorized: verify }) })
}

/** A server says after the handshake that it does not take our certificate; undici would only see that the connection ends. */
function connector(options: buildConnector.BuildOptions): buildConnector.connector {
  const connect = buildConnector({ timeout: 10_000, ...options })
  return (to, done) =>
    connect(to, (...result) => {
      const [, socket] = result
      socket?.once('error', () => socket.destroy())
      done(...result)
    })
}

type Headers = Record<string, string | string[] | undefined>

/** One request on its way, as undici's handler: less work than its `request`, and it tells whether anything was written. */
class Exchange implements Dispatcher.DispatchHandler {
  #request: HttpRequest
  #body: Uint8Array | undefined
  #resolve: (reply: HttpReply) => void
  #reject: (error: unknown) => void
  #controller: Dispatcher.DispatchController | undefined
  #timer: NodeJS.Timeout | undefined
  #settled = false
  #status = 0
  #headers: Headers = {}
  #chunks: Uint8Array[] = []
  #length = 0

  constructor(
    request: HttpRequest,
    body: Uint8Array | undefined,
    resolve: (reply: HttpReply) => void,
    reject: (error: unknown) => void,
  ) {
    this.#request = request
    this.#body = body
    this.#resolve = resolve
    this.#reject = reject
  }

  start(agent: Agent): void {
    const { method, url, headers, compression, timeoutMs, signal } = this.#request
    const { origin, pathname, search } = new URL(url)
    this.#timer = setTimeout(this.#timedOut, timeoutMs)
    signal?.addEventListener('abort', this.#interrupted)
    const encoding = compression ? { 'content-encoding': compression } : {}
    const body = this.#body
    agent.dispatch(
      {
        origin,
        path: pathname + search,
        method,
        headers: { 'user-agent': 'failoverctl', ...headers, ...encoding },
        body: body ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : null,
      },
      this,
    )
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // The caller was told that nothing is sent, and so it stays.
    if (this.#settled) controller.abort(new Error('given up'))
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    this.#status = status
    this.#headers = headers
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#length += chunk.length
    if (this.#length <= MAX_REPLY_BYTES) this.#chunks.push(chunk)
    else {
      this.#settle({ ...this.#answer(new Uint8Array()), oversized: true })
      controller.abort(new Error('the answer is too large'))
    }
  }

  onResponseEnd(): void {
    this.#settle(this.#answer(this.#chunks.length === 1 ? (this.#chunks[0] as Uint8Array) : Buffer.concat(this.#chunks)))
  }

  onResponseError(_: unknown, error: Error): void {
    const known = wireProblem(error)
    if (!this.#controller || known?.problem === 'certificate-wanted') {
      this.#settle({ kind: 'not-sent', reason: 'no connection', ...known })
    } else {
      this.#settle({ kind: 'no-answer', reason: 'connection closed before an answer', timedOut: false, ...known })
    }
  }

  #answer(body: Uint8Array): HttpReply & { kind: 'answer' } {
    return { kind: 'answer', status: this.#status, headers: flat(this.#headers), body }
  }

  #timedOut = (): void => {
    this.#settle(
      this.#controller
        ? { kind: 'no-answer', reason: 'no answer in time', timedOut: true }
        : { kind: 'not-sent', reason: 'no connection in time', problem: 'no-connection-in-time' },
    )
    this.#controller?.abort(new Error('given up'))
  }

  #interrupted = (): void => {
    this.#finish()
    this.#reject(this.#request.signal?.reason)
    this.#controller?.abort(new Error('given up'))
  }

  #settle(reply: HttpReply): void {
    if (this.#settled) return
    this.#finish()
    this.#resolve(reply)
  }

  #finish(): void {
    this.#settled = true
    clearTimeout(this.#timer)
    this.#request.signal?.removeEventListener('abort', this.#interrupted)
  }
}

const flat = (headers: Headers): Record<string, string> => {
  const flattened: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    flattened[name] = Array.isArray(value) ? value.join(', ') : (value ?? '')
  }
  return flattened
}
