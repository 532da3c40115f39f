import { GRPC } from '../core/grpc.ts'
import type { GrpcReply, Network, ServedCall, ServedStatus } from '../core/host.ts'
import type { Endpoint } from '../failover/endpoint.ts'
import type { AttemptContext } from '../failover/executor.ts'
import { FailoverError } from '../failover/failover-error.ts'
import { Failed } from '../failover/failure.ts'
import type { Manager } from '../failover/manager.ts'
import { judgeCall } from '../otlp/reply.ts'
import type { ListenerConfig } from './config.ts'
import { told } from './headers.ts'

type Answer = Extract<GrpcReply, { kind: 'answer' }>

/** What the next hop makes anew: a message that came packed, say, has another length there. What else begins with grpc- is the client's. */
const OWN = /^(?:grpc-(?:timeout|encoding|accept-encoding)|content-(?:type|length)|te|user-agent|host)$/

/** One OTLP call through the engine: the status of an endpoint, or why there is none. */
export async function forwardGrpc(
  {
    path,
    headers,
    binary,
    body,
    authority,
    peer,
    secure = false,
    gone,
    timeoutMs: leftMs = Number.POSITIVE_INFINITY,
  }: ServedCall,
  manager: Manager,
  { engine, repeat = 'told', keyHeader, regionHeader, upstreamTls, forwarded, trust }: ListenerConfig,
  network: Pick<Network, 'call'>,
): Promise<ServedStatus> {
  const given = Object.entries(headers).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string' && !OWN.test(pair[0]),
  )
  const passed = told(Object.fromEntries(given), authority, { peer, secure }, forwarded, trust) as Record<string, string>
  const binaries = binary ? { binary } : {}
  const tls = upstreamTls ? { tls: upstreamTls } : {}
  const attempt = async ({ url }: Endpoint, { timeoutMs, signal }: AttemptContext): Promise<Answer | Failed> =>
    judged(await network.call({ url: new URL(url).origin, path, headers: passed, body, timeoutMs, signal, ...binaries, ...tls }))
  try {
    const key = keyHeader && headers[keyHeader]
    const region = regionHeader && headers[regionHeader]
    // Nobody waits for an answer after the client's own deadline: what it sends again then must not be sent from here as well.
    const timeoutMs = Math.min(engine.timeoutMs ?? 30_000, leftMs)
    return statusOf(await manager.execute(attempt, { key, region, repeat, timeoutMs, signal: gone }))
  } catch (error) {
    if (!(error instanceof FailoverError)) throw error
    const answer = error.failure?.details.cause
    if (isAnswer(answer)) return statusOf(answer)
    if (error.code === 'REFUSED') return { code: GRPC.INVALID_ARGUMENT, message: `failoverctl proxy: ${error.message}` }
    const late = error.code === 'TIMEOUT' || error.failure?.details.timedOut
    return {
      code: late ? GRPC.DEADLINE_EXCEEDED : GRPC.UNAVAILABLE,
      message: `failoverctl proxy: ${error.code}: ${error.message}`,
    }
  }
}

/** An answer that asks for another try is kept: it is passed on when there is none. */
function judged(reply: GrpcReply): Answer | Failed {
  const verdict = judgeCall(reply)
  if (reply.kind === 'answer') {
    if (verdict.kind !== 'try-later') return reply
    return new Failed('try-later', verdict.reason, { afterMs: verdict.afterMs, status: reply.code, cause: reply })
  }
  // It says nothing about the endpoint: no client may open a breaker with it.
  if (reply.kind === 'not-sent' && reply.problem === 'bad-header') return new Failed('refused', reply.reason)
  return new Failed(reply.kind, reply.reason, { timedOut: reply.kind === 'no-answer' && reply.timedOut })
}

const statusOf = ({ code, message, retryDelayMs, body }: Answer): ServedStatus => ({
  code,
  message,
  body,
  ...(retryDelayMs === undefined ? {} : { retryDelayMs }),
})

const isAnswer = (cause: unknown): cause is Answer => typeof cause === 'object' && cause !== null && 'retryDelayMs' in cause
