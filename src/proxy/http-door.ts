import type { ExchangeReply, Network, StreamReply, StreamRequest } from '../core/host.ts'
import type { Endpoint } from '../failover/endpoint.ts'
import type { AttemptContext } from '../failover/executor.ts'
import { type FailoverCode, FailoverError } from '../failover/failover-error.ts'
import { Failed, failureOfStatus, type Repeat } from '../failover/failure.ts'
import type { Manager } from '../failover/manager.ts'
import { retryAfterMs } from '../otlp/reply.ts'
import { signalOfPath } from '../otlp/signal.ts'
import type { ListenerConfig } from './config.ts'
import { forwarded, passedOn, textOf } from './headers.ts'
import { BodyTooLarge, BodyTooLate, HeldBody } from './held-body.ts'
import type { HeldTotal } from './held-total.ts'

type Answer = Extract<ExchangeReply, { kind: 'answer' }>

interface World {
  readonly network: Pick<Network, 'exchange'>
  readonly epochMs: () => number
  readonly held: HeldTotal
}

/** Methods that do the same when they are done twice (RFC 9110, 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'])
const OTLP_STATUSES = [429, 502, 503, 504]

/** One HTTP request through the engine: the answer of an endpoint, or why there is none. */
export async function forwardHttp(
  request: StreamRequest,
  manager: Manager,
  config: ListenerConfig,
  { network, epochMs, held }: World,
): Promise<StreamReply> {
  const length = Number(request.headers['content-length'] ?? 0)
  if (length > config.maxBytes) return tooLarge
  const target = pathOf(request.target)
  if (target === undefined) return noPath
  const otlp = request.method === 'POST' && signalOfPath(target.split('?')[0] as string) !== undefined
  const statuses = config.statuses ?? (otlp ? OTLP_STATUSES : undefined)
  // One that does not say its length may fill what it is given. What is known not to fit is not waited for.
  const wanted = request.headers['transfer-encoding'] === undefined ? length : config.heldBytes
  const holds = wanted <= config.heldBytes && held.take(wanted, config.heldTotalBytes)
  try {
    const body = await HeldBody.read(request.body, holds ? config.heldBytes : 0, config.maxBytes)
    const headers = forwarded(request.headers, request, config.forwarded, config.trust)
    const repeat = config.repeat ?? repeatOf(request, otlp)
    let kept: Answer | undefined
    const attempt = async ({ url }: Endpoint, { timeoutMs }: AttemptContext): Promise<Answer | Failed> => {
      kept?.discard()
      const content = body.content
      const reply = await network.exchange({
        method: request.method,
        url: withTarget(url, target),
        headers,
        ...(content === undefined ? {} : { body: content }),
        ...(config.upstreamTls ? { tls: config.upstreamTls } : {}),
        timeoutMs,
        signal: request.gone,
      })
      kept = reply.kind === 'answer' ? reply : undefined
      if (reply.kind === 'no-answer') body.blameClient()
      return judged(reply, statuses, body, epochMs())
    }
    const answer = await manager.execute(attempt, {
      key: config.keyHeader && textOf(request.headers[config.keyHeader]),
      region: config.regionHeader && textOf(request.headers[config.regionHeader]),
      // The engine may give an attempt up before that says that a part of its body is gone.
      // Not a getter: each object with one gets a hidden class of its own, and these fill the heap until a full collection.
      repeat: () => (body.canRepeat ? repeat : 'unsent'),
    })
    return replyOf(answer)
  } catch (error) {
    if (error instanceof BodyTooLarge) return tooLarge
    if (error instanceof BodyTooLate) return tooLate
    if (error instanceof FailoverError) return refusal(error)
    throw error
  } finally {
    if (holds) held.give(wanted)
  }
}

const tooLarge: StreamReply = { status: 413, headers: { connection: 'close' }, body: 'the body is too large\n' }

const tooLate: StreamReply = { status: 408, headers: { connection: 'close' }, body: 'the body did not come in time\n' }

const noPath: StreamReply = { status: 400, headers: { 'content-type': 'text/plain' }, body: 'only paths are forwarded\n' }

/** RFC 9112, 3.2: a client may ask by a whole address, of which the path counts. `*` is none. Never glued to an endpoint's address as it is. */
function pathOf(target: string): string | undefined {
  if (target.startsWith('/')) return target
  const [, path] = /^https?:\/\/[^/?#]+(.*)$/i.exec(target) ?? []
  return path === undefined || path.startsWith('/') ? path : `/${path}`
}

function repeatOf({ method, headers }: StreamRequest, otlp: boolean): Repeat {
  if (IDEMPOTENT.has(method) || headers['idempotency-key'] !== undefined) return 'always'
  return otlp ? 'told' : 'unsent'
}

/** An answer that asks for another try is kept: it is passed on when there is none. */
function judged(reply: ExchangeReply, statuses: readonly number[] | undefined, body: HeldBody, epochMs: number): Answer | Failed {
  // What no endpoint can be sent says nothing about this one: no client may open a breaker with it.
  if (reply.kind === 'not-sent') return new Failed(reply.problem === 'bad-header' ? 'refused' : 'not-sent', reply.reason)
  const final = !body.canRepeat
  if (reply.kind === 'no-answer') return new Failed('no-answer', reply.reason, { timedOut: reply.timedOut, final })
  const failure = failureOfStatus(reply.status, retryAfterMs(textOf(reply.headers['retry-after']), epochMs), statuses)
  if (failure?.kind !== 'try-later') return reply
  return new Failed('try-later', failure.reason, { ...failure.details, final, cause: reply })
}

const replyOf = ({ status, headers, body }: Answer): StreamReply => ({ status, headers: passedOn(headers), body })

const STATUSES: Partial<Record<FailoverCode, number>> = {
  NO_ENDPOINTS: 503,
  ALL_ENDPOINTS_DOWN: 503,
  CIRCUIT_OPEN: 503,
  CLOSED: 503,
  TIMEOUT: 504,
  NO_ANSWER: 502,
  RETRY_EXHAUSTED: 502,
  REFUSED: 400,
}

/** 503 when no endpoint may be asked, 504 when one did not answer in time, 502 when it broke off; or its own last answer. */
function refusal({ code, message, failure, retryAfterMs: waitMs }: FailoverError): StreamReply {
  const answer = failure?.details.cause
  if (isAnswer(answer)) return replyOf(answer)
  const status = failure?.details.timedOut ? 504 : (STATUSES[code] ?? 500)
  const seconds = waitMs !== undefined && Number.isFinite(waitMs) ? Math.max(1, Math.ceil(waitMs / 1000)) : 1
  return {
    status,
    headers: { 'content-type': 'text/plain', ...(status === 503 ? { 'retry-after': String(seconds) } : {}) },
    body: `failoverctl proxy: ${code}: ${message}\n`,
  }
}

const isAnswer = (cause: unknown): cause is Answer => typeof cause === 'object' && cause !== null && 'discard' in cause

/** The endpoint's own path, then what was asked for. */
const withTarget = (url: string, target: string): string => url.replace(/\/$/, '') + target
