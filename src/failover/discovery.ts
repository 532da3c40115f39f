import type { EndpointSettings } from './endpoint.ts'

/** What a provider tells as it learns it. */
export interface Report {
  /** The whole set, each time it may have changed. */
  found(endpoints: readonly EndpointSettings[]): void
  /** It could not ask. What it found last stays in use, and it tries again by itself. */
  failed(reason: string): void
}

/** Where endpoints come from. */
export interface Provider {
  /** As events and errors call it, such as `consul:otlp`. Holds no secret. */
  readonly name: string
  /** Reports until the signal aborts, and never rejects for what the other side does. */
  run(report: Report, signal: AbortSignal): Promise<void>
}
