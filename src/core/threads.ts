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
}

export type Transcoded =
  | { readonly kind: 'done'; readonly body: Uint8Array }
  /** The body is no request of its signal. */
  | { readonly kind: 'malformed'; readonly reason: string }
