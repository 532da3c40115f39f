import { Readable } from 'node:stream'
import type { Agent, Dispatcher } from 'undici'
import type { ExchangeReply, ExchangeRequest } from '../core/host.ts'
import { DialTurns } from './dial-turns.ts'
import { httpAgents } from './http-client.ts'
import { wireProblem } from './wire-problem.ts'

export interface ExchangeClient {
  exchange(request: ExchangeRequest): Promise<ExchangeReply>
  close(): Promise<void>
}

/** HTTP/1.1 with bodies in pieces, on connections of its own: a watch that never ends must not hold up other requests. */
export function exchangeClient(): ExchangeClient {
  const agents = httpAgents()
  const turns = new WeakMap<Agent, DialTurns>()
  const turnsOf = (agent: Agent) => {
    const known = turns.get(agent) ?? new DialTurns(agent)
    turns.set(agent, known)
    return known
  }
  return {
    async exchange(request) {
      if (request.signal?.aborted) throw request.signal.reason
      try {
        return await new Promise((resolve, reject) => {
          const agent = agents.for(request.tls)
          new Exchange(request, resolve, reject).start(agent, turnsOf(agent))
        })
      } catch (error) {
        if (request.signal?.aborted) throw request.signal.reason
        return { kind: 'not-sent', reason: 'the request cannot be sent', ...wireProblem(error) }
      }
    },
    close: agents.close,
  }
}

type Headers = Record<string, string | string[]>

/** An address as a proxy makes it, which goes on as it came; a URL object for each request would only take it apart. */
const USUAL = /^(https?:\/\/[\w.:[\]-]+)(\/[\x21-\x22\x24-\x7e]*)$/

function splitUrl(url: string): { origin: string; path: string } {
  const [, usualOrigin, usualPath] = USUAL.exec(url) ?? []
  if (usualOrigin !== undefined && usualPath !== undefined) return { origin: usualOrigin, path: usualPath }
  const { origin, pathname, search } = new URL(url)
  return { origin, path: pathname + search }
}

/** An answer up to this length that says its length comes whole. */
const SMALL = 64 * 1024

/** One request on its way. Nothing is written before `onRequestStart`: until then it was surely not sent. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: ExchangeRequest
  readonly #resolve: (reply: ExchangeReply) => void
  readonly #reject: (error: unknown) => void
  #controller: Dispatcher.DispatchController | undefined
  #body: Readable | undefined
  /** The head of an answer that comes whole, and its parts so far. */
  #head: { readonly status: number; readonly headers: Headers; readonly parts: Buffer[] } | undefined
  #timer: NodeJS.Timeout | undefined
  #over = false
  /** Tells the next that undici has this one no more. */
  #left = () => {}

  constructor(request: ExchangeRequest, resolve: (reply: ExchangeReply) => void, reject: (error: unknown) => void) {
    this.#request = request
    this.#resolve = resolve
    this.#reject = reject
  }

  start(agent: Agent, turns: DialTurns): void {
    const { url, signal } = this.#request
    const { origin, path } = splitUrl(url)
    this.#wait(this.#late)
    signal?.addEventListener('abort', this.#interrupted)
    this.#left = () => turns.left(origin)
    turns.enter(origin, () => this.#send(agent, origin, path))
  }

  #send(agent: Agent, origin: string, path: string): void {
    if (this.#over) {
      this.#left()
      return
    }
    const { method, headers, body } = this.#request
    agent.dispatch(
      {
        origin,
        path,
        method: method as Dispatcher.HttpMethod,
        headers: (headers ?? {}) as Headers,
        // undici takes any async iterable, and leaves it alone when there is no connection.
        body: (body ?? null) as Uint8Array | null,
      },
      this,
    )
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#over) controller.abort(new Error('given up'))
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200 || this.#over) return
    if (status === 204 || status === 304) {
      // Whole already. A length is that of what a GET would have had (RFC 9110, 15.4.5), and undici then finds the body too short.
      this.#end()
      this.#resolve({ kind: 'answer', status, headers, body: new Uint8Array(), discard: () => {} })
      return
    }
    if (Number(headers['content-length'] ?? Number.NaN) <= SMALL) {
      this.#head = { status, headers, parts: [] }
      return
    }
    const body = new Readable({
      read: () => controller.resume(),
      destroy: (error, done) => {
        if (!this.#over) controller.abort(error ?? new Error('given up'))
        this.#end()
        done(error)
      },
    })
    // Whoever reads it hears of a failure; one that nobody reads must not end the process.
    body.on('error', () => {})
    this.#body = body
    this.#wait(this.#stalled)
    this.#resolve({ kind: 'answer', status, headers, body, discard: () => void body.destroy() })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#timer?.refresh()
    if (this.#head) this.#head.parts.push(chunk)
    else if (this.#body?.push(chunk) === false) controller.pause()
  }

  onResponseEnd(): void {
    this.#left()
    const settled = this.#over
    this.#end()
    this.#body?.push(null)
    if (!this.#head || settled) return
    const { status, headers, parts } = this.#head
    this.#resolve({
      kind: 'answer',
      status,
      headers,
      body: parts.length === 1 ? parts[0]! : Buffer.concat(parts),
      discard: () => {},
    })
  }

  onResponseError(_: unknown, error: Error): void {
    this.#left()
    this.#end()
    if (this.#body) this.#body.destroy(error)
    else this.#fail(error)
  }

  #fail(error: Error): void {
    const known = wireProblem(error)
    if (!this.#controller) this.#resolve({ kind: 'not-sent', reason: 'no connection', ...known })
    else this.#resolve({ kind: 'no-answer', reason: 'connection closed before an answer', timedOut: false, ...known })
  }

  #wait(late: () => void): void {
    clearTimeout(this.#timer)
    const { timeoutMs } = this.#request
    if (Number.isFinite(timeoutMs)) this.#timer = setTimeout(late, timeoutMs)
  }

  #late = (): void => {
    this.#end()
    if (this.#controller) this.#resolve({ kind: 'no-answer', reason: 'no answer in time', timedOut: true })
    else this.#resolve({ kind: 'not-sent', reason: 'no connection in time', problem: 'no-connection-in-time' })
    this.#controller?.abort(new Error('given up'))
  }

  #stalled = (): void => void this.#body?.destroy(new Error('the answer stopped in the middle'))

  #interrupted = (): void => {
    const { signal } = this.#request
    const reason = signal?.reason
    if (this.#body) this.#body.destroy(reason instanceof Error ? reason : new Error('interrupted'))
    else {
      this.#end()
      this.#reject(reason)
      this.#controller?.abort(new Error('given up'))
    }
  }

  #end(): void {
    this.#over = true
    clearTimeout(this.#timer)
    this.#request.signal?.removeEventListener('abort', this.#interrupted)
  }
}
