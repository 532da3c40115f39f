import type { Host } from '../core/host.ts'
import { MalformedPayload } from '../otlp/contents.ts'
import { deliver } from '../otlp/deliver.ts'
import type { Destination } from '../otlp/destination.ts'
import type { Payload } from '../otlp/payload.ts'
import type { Verdict } from '../otlp/reply.ts'
import type { Encoding } from '../otlp/signal.ts'
import { transcodeIn } from '../otlp/transcode.ts'
import type { Backend } from './backends.ts'
import type { HeldLine } from './read-backup.ts'

/** Sends a body once, in the encoding that the destination speaks. */
export function poster(world: Pick<Host, 'clock' | 'network' | 'threads'>, keepsEncoding: boolean) {
  // A retry has the same body, which need not be written anew.
  const written = new WeakMap<Uint8Array, Payload>()
  return async (backend: Backend, lines: readonly HeldLine[], body: Uint8Array): Promise<Verdict> => {
    const [{ signal, encoding }] = lines as [HeldLine]
    const destination = backend.destinations[signal]
    const wanted = encodingFor(destination, encoding, keepsEncoding)
    let payload: Payload = { signal, encoding, body }
    if (wanted !== encoding) {
      try {
        payload = written.get(body) ?? (await transcodeIn(world.threads, payload, wanted))
        written.set(body, payload)
      } catch (error) {
        if (error instanceof MalformedPayload)
          return { kind: 'refused', reason: `cannot be written as ${wanted}: ${error.message}`, status: 400 }
        throw error
      }
    }
    return deliver(destination, payload, world)
  }
}

/** Over HTTP a server takes both encodings, so a backup goes as it is unless the person asked for one of them. */
function encodingFor({ protocol }: Destination, encoding: Encoding, keepsEncoding: boolean): Encoding {
  if (protocol === 'grpc') return 'protobuf'
  if (keepsEncoding) return encoding
  return protocol === 'http/json' ? 'json' : 'protobuf'
}
