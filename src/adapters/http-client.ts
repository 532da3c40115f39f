import { Agent, errors, request as undiciRequest } from 'undici'
import type { HttpReply, HttpRequest } from '../core/host.ts'

/** Errors after which the peer has surely seen nothing of the request. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** A response body over this is not read on: OTLP answers are small (its specification recommends a cap of 4 MiB). */
const MAX_REPLY_BYTES = 4 * 1024 * 1024

export interface HttpClient {
  request(request: HttpRequest): Promise<HttpReply>
  close(): Promise<void>
}

/** HTTP/1.1 with kept connections. Nothing is ever sent twice by itself: who sends again is the caller's business. */
export function httpClient(): HttpClient {
  const agent = new Agent({ connections: 128, pipelining: 1, allowH2: false, connect: { timeout: 10_000 } })
  return {
    request: request => send(agent, request),
    close: () => agent.destroy(),
  }
}

async function send(agent: Agent, { method, url, headers, body, timeoutMs, signal }: HttpRequest): Promise<HttpReply> {
  signal?.throwIfAborted()
  const giveUp = new AbortController()
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    giveUp.abort()
  }, timeoutMs)
  const interrupt = () => giveUp.abort()
  signal?.addEventListener('abort', interrupt, { once: true })
  try {
    const answer = await undiciRequest(url, {
      dispatcher: agent,
      method,
      headers: { 'user-agent': 'failoverctl', ...headers },
      body: body ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : null,
      headersTimeout: 0,
      bodyTimeout: 0,
      signal: giveUp.signal,
    })
    return { kind: 'answer', status: answer.statusCode, headers: flat(answer.headers), body: await limited(answer.body) }
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    return explain(error as NodeJS.ErrnoException, timedOut)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', interrupt)
  }
}

function explain(error: NodeJS.ErrnoException, timedOut: boolean): HttpReply {
  if (timedOut) return { kind: 'no-answer', reason: 'no answer in time', timedOut: true }
  const code = error.code ?? (error.cause as NodeJS.ErrnoException | undefined)?.code ?? ''
  if (NOT_SENT.has(code)) return { kind: 'not-sent', reason: REASONS[code] ?? code }
  if (error instanceof errors.InvalidArgumentError) return { kind: 'not-sent', reason: error.message }
  return { kind: 'no-answer', reason: 'connection closed before an answer', timedOut: false }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'the network is unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
}

async function limited(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > MAX_REPLY_BYTES) throw new Error('the answer is too large')
    chunks.push(chunk)
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks)
}

const flat = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  )
