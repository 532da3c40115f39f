import type { OTLP_METHODS } from './grpc.ts'

/** Work that would hold up everything else for long, done in threads beside this one. */
export interface Threads {
  /** Writes an OTLP request in another encoding. The body may be used again as soon as there is an answer. Rejects after `close`. */
  transcode(job: TranscodeJob): Promise<Transcoded>
  /** Ends the threads; what they have not done is rejected. */
  close(): Promise<void>
}

export interface TranscodeJob {
  readonly signal: keyof typeof OTLP_METHODS
  readonly from: 'json' | 'protobuf'
  readonly to: 'json' | 'protobuf'
  readonly body: Uint8Array
  /** Of JSON that was joined of several requests: where in the body the resources of each lie, so that each is parsed by itself. */
  readonly resources?: readonly (readonly [from: number, to: number])[]
}

export type Transcoded =
  | { readonly kind: 'done'; readonly body: Uint8Array }
  /** The body is no request of its signal, or too large for the memory of a thread. */
  | { readonly kind: 'malformed'; readonly reason: string }
