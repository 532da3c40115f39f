import type { Host } from '../core/host.ts'
import { MalformedPayload } from '../otlp/contents.ts'
import { deliver } from '../otlp/deliver.ts'
import type { Destination } from '../otlp/destination.ts'
import type { Payload } from '../otlp/payload.ts'
import type { Verdict } from '../otlp/reply.ts'
import type { Encoding } from '../otlp/signal.ts'
import { transcodeIn } from '../otlp/transcode.ts'
import type { Backend } from './backends.ts'
import type { Held } from './held.ts'
import { resourcesOf } from './splice.ts'

/** Sends bodies in the encoding that the destination speaks. */
export class Poster {
  readonly #world: Pick<Host, 'clock' | 'network' | 'threads'>
  readonly #keepsEncoding: boolean
  // A retry has the same body, which need not be written anew.
  readonly #written = new WeakMap<Uint8Array, Promise<Payload>>()

  constructor(world: Pick<Host, 'clock' | 'network' | 'threads'>, keepsEncoding: boolean) {
    this.#world = world
    this.#keepsEncoding = keepsEncoding
  }

  /** Writes a body ahead of its turn: its time is neither the backend's latency nor one that a limit should hold back. */
  async prepare(backend: Backend, lines: readonly Held[], body: Uint8Array): Promise<void> {
    // Whoever posts it hears what is wrong.
    await this.#payloadFor(backend, lines, body)?.catch(() => {})
  }

  /** Sends a body once. */
  async post(backend: Backend, lines: readonly Held[], body: Uint8Array): Promise<Verdict> {
    const [{ signal, encoding }] = lines as [Held]
    try {
      const payload = (await this.#payloadFor(backend, lines, body)) ?? { signal, encoding, body }
      return deliver(backend.destinations[signal], payload, this.#world)
    } catch (error) {
      if (!(error instanceof MalformedPayload)) throw error
      return { kind: 'refused', reason: `cannot be written in the backend's encoding: ${error.message}`, status: 400 }
    }
  }

  /** Undefined for a body that can go as it is. */
  #payloadFor({ destinations }: Backend, lines: readonly Held[], body: Uint8Array): Promise<Payload> | undefined {
    const [{ signal, encoding }] = lines as [Held]
    const wanted = encodingFor(destinations[signal], encoding, this.#keepsEncoding)
    if (wanted === encoding) return undefined
    const written =
      this.#written.get(body) ?? transcodeIn(this.#world.threads, { signal, encoding, body }, wanted, resourcesOf(lines, body))
    this.#written.set(body, written)
    return written
  }
}

/** Over HTTP a server takes both encodings, so a backup goes as it is unless the person asked for one of them. */
function encodingFor({ protocol }: Destination, encoding: Encoding, keepsEncoding: boolean): Encoding {
  if (protocol === 'grpc') return 'protobuf'
  if (keepsEncoding) return encoding
  return protocol === 'http/json' ? 'json' : 'protobuf'
}
