/** The signals that OTLP carries, with the path of each over HTTP. */
export const SIGNALS = { traces: '/v1/traces', metrics: '/v1/metrics', logs: '/v1/logs' } as const

export type Signal = keyof typeof SIGNALS

export const signalOfPath = (path: string): Signal | undefined =>
  (Object.keys(SIGNALS) as Signal[]).find(signal => SIGNALS[signal] === path)

export type Encoding = 'json' | 'protobuf'

export const CONTENT_TYPES: Readonly<Record<Encoding, string>> = { json: 'application/json', protobuf: 'application/x-protobuf' }

export const encodingOf = (contentType: string | undefined): Encoding | undefined => {
  const type = contentType?.split(';')[0]?.trim().toLowerCase()
  return (Object.keys(CONTENT_TYPES) as Encoding[]).find(encoding => CONTENT_TYPES[encoding] === type)
}
