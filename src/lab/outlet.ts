import type { Clock } from '../core/clock.ts'
import { GRPC, OTLP_METHODS } from '../core/grpc.ts'
import type { GrpcReply, HttpReply, Network } from '../core/host.ts'
import type { Batch, Failure, Result } from '../model/node.ts'
import { OK } from '../model/node.ts'
import { wireWords } from '../model/wire-words.ts'
import { judgeReply } from '../otlp/reply.ts'
import { CONTENT_TYPES, SIGNALS } from '../otlp/signal.ts'
import { transcode } from '../otlp/transcode.ts'
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
    const failed = (reason: string): Failure => ({ ok: false, error: `write ${backend.name}: ${reason}`, permanent: false })
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

const originOf = ({ address }: Backend) => `http://${address?.host}:${address?.port}`

/** otlphttp. What came in as JSON goes out as JSON, and protobuf as protobuf. */
export const httpOutlet = (backend: Backend, network: Network, clock: Clock): Outlet => ({
  async attempt(batch, timeoutMs = LONGEST_ATTEMPT_MS) {
    const { signal, encoding, body } = toPayload(batch)
    const url = originOf(backend) + SIGNALS[signal]
    const headers = { 'content-type': CONTENT_TYPES[encoding] }
    return ofReply(await network.request({ method: 'POST', url, headers, body, timeoutMs }), url, clock.epochMs())
  },
  dial: async () => true,
})

/** otlp. Everything is protobuf on its wire. */
export const grpcOutlet = (backend: Backend, network: Network): Outlet => ({
  async attempt(batch, timeoutMs = LONGEST_ATTEMPT_MS) {
    const { signal, body } = transcode(toPayload(batch), 'protobuf')
    const url = originOf(backend)
    return ofCall(await network.call({ url, path: OTLP_METHODS[signal], body, timeoutMs }), url)
  },
  // Any answer will do: a channel, too, only waits for the first words of the server.
  async dial(timeoutMs) {
    const reply = await network.call({ url: originOf(backend), path: NO_METHOD, body: new Uint8Array(), timeoutMs })
    return reply.kind === 'answer'
  },
})

/** A call that every server answers at once, and with UNIMPLEMENTED. */
const NO_METHOD = '/failoverctl.Lab/Dial'

function ofReply(reply: HttpReply, url: string, epochMs: number): Result {
  const words = wireWords('http', url)
  const verdict = judgeReply(reply, epochMs)
  switch (verdict.kind) {
    case 'accepted':
      return OK
    case 'refused':
      return words.status(verdict.status)
    case 'unknown':
      return verdict.timedOut ? words.timedOut : words.closed
    case 'try-later':
      return verdict.status === undefined ? words.refused : words.status(verdict.status, verdict.afterMs)
  }
}

function ofCall(reply: GrpcReply, url: string): Result {
  const words = wireWords('grpc', url)
  switch (reply.kind) {
    case 'not-sent':
      return reply.problem === 'no-connection-in-time' ? { ...words.timedOut, notSent: true } : words.refused
    case 'no-answer':
      return reply.timedOut ? words.timedOut : words.closed
    case 'answer':
      return reply.code === GRPC.OK ? OK : words.code(reply.code, reply.message, reply.retryDelayMs)
  }
}
