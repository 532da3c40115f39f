export const RUN = '0000abcd00000012'

const hex16 = (number: number) => number.toString(16).padStart(16, '0')
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
const attributes = (sequence: number) => [
  { key: 'failoverctl.run', value: { stringValue: RUN } },
  { key: 'failoverctl.seq', value: { intValue: String(sequence) } },
]
const each = <T>(from: number, count: number, make: (sequence: number) => T) =>
  Array.from({ length: count }, (_, index) => make(from + index))

/** A request with the spans `from` and so on of a run, as JSON. */
export const tracesOf = (from: number, count: number, run = RUN): Uint8Array =>
  encode({
    resourceSpans: [
      { scopeSpans: [{ spans: each(from, count, n => ({ traceId: run + hex16(n), spanId: hex16(n), name: 'x' })) }] },
    ],
  })

export const logsOf = (from: number, count: number): Uint8Array =>
  encode({ resourceLogs: [{ scopeLogs: [{ logRecords: each(from, count, n => ({ body: {}, attributes: attributes(n) })) }] }] })

export const metricsOf = (from: number, count: number): Uint8Array =>
  encode({
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [{ name: 'x', gauge: { dataPoints: each(from, count, n => ({ asInt: '1', attributes: attributes(n) })) } }],
          },
        ],
      },
    ],
  })
