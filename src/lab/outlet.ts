import type { Clock } from '../core/clock.ts'
import type { HttpReply, Network } from '../core/host.ts'
import type { Batch, Failure, Result } from '../model/node.ts'
import { OK } from '../model/node.ts'
import { wireWords } from '../model/wire-words.ts'
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
  const words = wireWords(wire, url)
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

const failure = (error: string, permanent: boolean): Failure => ({ ok: false, error, permanent })
