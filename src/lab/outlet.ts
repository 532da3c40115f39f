import type { Clock } from '../core/clock.ts'
import type { HttpReply, Network } from '../core/host.ts'
import type { Batch, Failure, Result } from '../model/node.ts'
import { OK } from '../model/node.ts'
import { judgeReply } from '../otlp/reply.ts'
import { CONTENT_TYPES, SIGNALS } from '../otlp/signal.ts'
import type { Backend } from './backend.ts'
import { toPayload } from './batches.ts'

/** The wire of one exporter. */
export interface Outlet {
  attempt(batch: Batch, timeoutMs: number | undefined): Promise<Result>
  dial(timeoutMs: number): Promise<boolean>
}

/** file, debug, nop and stand-ins: no network in between, only the backend's own will and, for a file, the disk's. */
export const localOutlet = (backend: Backend, isFile: boolean): Outlet => ({
  async attempt(batch) {
    const failed = (reason: string) => failure(`write ${backend.name}: ${reason}`, false)
    try {
      const { status } = await backend.receive(toPayload(batch))
      return status < 300 ? OK : failed(isFile ? 'no space left on device' : 'the backend is down')
    } catch (error) {
      return failed((error as Error).message)
    }
  },
  dial: async () => true,
})

/** An attempt without a timeout of its own still ends: a wire that never answers must not hold a test for ever. */
const LONGEST_ATTEMPT_MS = 3_600_000

/**
 * An OTLP exporter. Both kinds speak HTTP inside the lab; a `grpc` one fails in gRPC's words,
 * so that `condition.error.contains` matches what it would match on a real collector.
 */
export function networkOutlet(backend: Backend, wire: 'grpc' | 'http', network: Network, clock: Clock): Outlet {
  const origin = () => `http://${backend.address?.host}:${backend.address?.port}`
  return {
    async attempt(batch, timeoutMs = LONGEST_ATTEMPT_MS) {
      const { signal, encoding, body } = toPayload(batch)
      const url = origin() + SIGNALS[signal]
      const reply = await network.request({
        method: 'POST',
        url,
        headers: { 'content-type': CONTENT_TYPES[encoding] },
        body,
        timeoutMs,
      })
      return resultOf(reply, wire, url, clock.epochMs())
    },
    // Any answer will do: a gRPC client, too, only waits for the first words of the server.
    dial: async timeoutMs => (await network.request({ method: 'GET', url: origin(), timeoutMs })).kind === 'answer',
  }
}

function resultOf(reply: HttpReply, wire: 'grpc' | 'http', url: string, epochMs: number): Result {
  const verdict = judgeReply(reply, epochMs)
  switch (verdict.kind) {
    case 'accepted':
      return OK
    case 'refused':
      return {
        ...failure(wire === 'grpc' ? grpcStatus(verdict.status) : httpStatus(url, verdict.status), true),
        status: passedOn(verdict.status),
      }
    case 'unknown':
      if (wire === 'grpc') return failure(verdict.timedOut ? GRPC_DEADLINE : GRPC_CLOSED, false)
      return failure(verdict.timedOut ? `${posting(url)}: context deadline exceeded` : `${posting(url)}: EOF`, false)
    case 'try-later': {
      const { afterMs, notSent, status } = verdict
      const refused =
        wire === 'grpc' ? grpcRefused(url) : `${posting(url)}: dial tcp ${new URL(url).host}: connect: connection refused`
      const error = status === undefined ? refused : wire === 'grpc' ? grpcStatus(status) : httpStatus(url, status)
      return {
        ...failure(error, false),
        notSent,
        ...(afterMs === undefined ? {} : { retryAfterMs: afterMs }),
        ...(status === 429 ? { status } : {}),
      }
    }
  }
}

/** The status that a sender sees when its collector's backend answered with a final one (core 0.161, measured with otlphttp). */
const passedOn = (status: number) => ([400, 401, 403, 404].includes(status) ? status : 500)

const failure = (error: string, permanent: boolean): Failure => ({ ok: false, error, permanent })
const posting = (url: string) => `failed to make an HTTP request: Post "${url}"`
const httpStatus = (url: string, status: number) =>
  `error exporting items, request to ${url} responded with HTTP Status Code ${status}`
const grpcRefused = (url: string) =>
  `rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp ${new URL(url).host}: connect: connection refused"`
const GRPC_DEADLINE = 'rpc error: code = DeadlineExceeded desc = context deadline exceeded'
const GRPC_CLOSED = 'rpc error: code = Unavailable desc = error reading from server: EOF'

/** The gRPC code that stands for an HTTP status (gRPC's http-grpc-status-mapping.md). */
const GRPC_CODES: Readonly<Record<number, string>> = {
  400: 'InvalidArgument',
  401: 'Unauthenticated',
  403: 'PermissionDenied',
  404: 'Unimplemented',
  429: 'Unavailable',
  502: 'Unavailable',
  503: 'Unavailable',
  504: 'Unavailable',
}

const grpcStatus = (status: number) => `rpc error: code = ${GRPC_CODES[status] ?? 'Unknown'} desc = HTTP status ${status}`
