import type { Signal } from './signal.ts'

/** How a value is written in protobuf. `id` is a trace or span id: hexadecimal in JSON, where `bytes` are base64. */
export type Scalar = 'string' | 'bytes' | 'id' | 'bool' | 'double' | 'fixed64' | 'sfixed64' | 'fixed32' | 'varint' | 'sint32'

/** Number and type of each field, by its name in JSON. A type that is no scalar is another message. */
export type Message = ReadonlyMap<string, readonly [number: number, type: string]>

const message = (fields: Readonly<Record<string, readonly [number, string]>>): Message => new Map(Object.entries(fields))

const ATTRIBUTES = (number: number, dropped: number) =>
  ({ attributes: [number, 'KeyValue'], droppedAttributesCount: [dropped, 'varint'] }) as const
const TIMES = { startTimeUnixNano: [2, 'fixed64'], timeUnixNano: [3, 'fixed64'] } as const
const POINTS = (type: string) =>
  ({ dataPoints: [1, type], aggregationTemporality: [2, 'varint'], isMonotonic: [3, 'bool'] }) as const

/** The messages of an OTLP request (opentelemetry-proto 1.x: common, resource, trace, metrics, logs). */
export const MESSAGES: ReadonlyMap<string, Message> = new Map(
  Object.entries({
    TracesRequest: message({ resourceSpans: [1, 'ResourceSpans'] }),
    MetricsRequest: message({ resourceMetrics: [1, 'ResourceMetrics'] }),
    LogsRequest: message({ resourceLogs: [1, 'ResourceLogs'] }),
    ResourceSpans: message({ resource: [1, 'Resource'], scopeSpans: [2, 'ScopeSpans'], schemaUrl: [3, 'string'] }),
    ResourceMetrics: message({ resource: [1, 'Resource'], scopeMetrics: [2, 'ScopeMetrics'], schemaUrl: [3, 'string'] }),
    ResourceLogs: message({ resource: [1, 'Resource'], scopeLogs: [2, 'ScopeLogs'], schemaUrl: [3, 'string'] }),
    ScopeSpans: message({ scope: [1, 'Scope'], spans: [2, 'Span'], schemaUrl: [3, 'string'] }),
    ScopeMetrics: message({ scope: [1, 'Scope'], metrics: [2, 'Metric'], schemaUrl: [3, 'string'] }),
    ScopeLogs: message({ scope: [1, 'Scope'], logRecords: [2, 'LogRecord'], schemaUrl: [3, 'string'] }),
    Resource: message({ ...ATTRIBUTES(1, 2), entityRefs: [3, 'EntityRef'] }),
    EntityRef: message({ schemaUrl: [1, 'string'], type: [2, 'string'], idKeys: [3, 'string'], descriptionKeys: [4, 'string'] }),
    Scope: message({ name: [1, 'string'], version: [2, 'string'], ...ATTRIBUTES(3, 4) }),
    KeyValue: message({ key: [1, 'string'], value: [2, 'AnyValue'] }),
    AnyValue: message({
      stringValue: [1, 'string'],
      boolValue: [2, 'bool'],
      intValue: [3, 'varint'],
      doubleValue: [4, 'double'],
      arrayValue: [5, 'ArrayValue'],
      kvlistValue: [6, 'KeyValueList'],
      bytesValue: [7, 'bytes'],
    }),
    ArrayValue: message({ values: [1, 'AnyValue'] }),
    KeyValueList: message({ values: [1, 'KeyValue'] }),
    Span: message({
      traceId: [1, 'id'],
      spanId: [2, 'id'],
      traceState: [3, 'string'],
      parentSpanId: [4, 'id'],
      name: [5, 'string'],
      kind: [6, 'varint'],
      startTimeUnixNano: [7, 'fixed64'],
      endTimeUnixNano: [8, 'fixed64'],
      ...ATTRIBUTES(9, 10),
      events: [11, 'Event'],
      droppedEventsCount: [12, 'varint'],
      links: [13, 'Link'],
      droppedLinksCount: [14, 'varint'],
      status: [15, 'Status'],
      flags: [16, 'fixed32'],
    }),
    Event: message({ timeUnixNano: [1, 'fixed64'], name: [2, 'string'], ...ATTRIBUTES(3, 4) }),
    Link: message({
      traceId: [1, 'id'],
      spanId: [2, 'id'],
      traceState: [3, 'string'],
      ...ATTRIBUTES(4, 5),
      flags: [6, 'fixed32'],
    }),
    Status: message({ message: [2, 'string'], code: [3, 'varint'] }),
    Metric: message({
      name: [1, 'string'],
      description: [2, 'string'],
      unit: [3, 'string'],
      gauge: [5, 'NumberPoints'],
      sum: [7, 'NumberPoints'],
      histogram: [9, 'HistogramPoints'],
      exponentialHistogram: [10, 'ExponentialPoints'],
      summary: [11, 'SummaryPoints'],
      metadata: [12, 'KeyValue'],
    }),
    NumberPoints: message(POINTS('NumberPoint')),
    HistogramPoints: message(POINTS('HistogramPoint')),
    ExponentialPoints: message(POINTS('ExponentialPoint')),
    SummaryPoints: message(POINTS('SummaryPoint')),
    NumberPoint: message({
      ...TIMES,
      asDouble: [4, 'double'],
      exemplars: [5, 'Exemplar'],
      asInt: [6, 'sfixed64'],
      attributes: [7, 'KeyValue'],
      flags: [8, 'varint'],
    }),
    HistogramPoint: message({
      ...TIMES,
      count: [4, 'fixed64'],
      sum: [5, 'double'],
      bucketCounts: [6, 'fixed64'],
      explicitBounds: [7, 'double'],
      exemplars: [8, 'Exemplar'],
      attributes: [9, 'KeyValue'],
      flags: [10, 'varint'],
      min: [11, 'double'],
      max: [12, 'double'],
    }),
    ExponentialPoint: message({
      attributes: [1, 'KeyValue'],
      ...TIMES,
      count: [4, 'fixed64'],
      sum: [5, 'double'],
      scale: [6, 'sint32'],
      zeroCount: [7, 'fixed64'],
      positive: [8, 'Buckets'],
      negative: [9, 'Buckets'],
      flags: [10, 'varint'],
      exemplars: [11, 'Exemplar'],
      min: [12, 'double'],
      max: [13, 'double'],
      zeroThreshold: [14, 'double'],
    }),
    Buckets: message({ offset: [1, 'sint32'], bucketCounts: [2, 'varint'] }),
    SummaryPoint: message({
      ...TIMES,
      count: [4, 'fixed64'],
      sum: [5, 'double'],
      quantileValues: [6, 'Quantile'],
      attributes: [7, 'KeyValue'],
      flags: [8, 'varint'],
    }),
    Quantile: message({ quantile: [1, 'double'], value: [2, 'double'] }),
    Exemplar: message({
      timeUnixNano: [2, 'fixed64'],
      asDouble: [3, 'double'],
      spanId: [4, 'id'],
      traceId: [5, 'id'],
      asInt: [6, 'sfixed64'],
      filteredAttributes: [7, 'KeyValue'],
    }),
    LogRecord: message({
      timeUnixNano: [1, 'fixed64'],
      severityNumber: [2, 'varint'],
      severityText: [3, 'string'],
      body: [5, 'AnyValue'],
      attributes: [6, 'KeyValue'],
      droppedAttributesCount: [7, 'varint'],
      flags: [8, 'fixed32'],
      traceId: [9, 'id'],
      spanId: [10, 'id'],
      observedTimeUnixNano: [11, 'fixed64'],
      eventName: [12, 'string'],
    }),
  }),
)

export const REQUESTS: Readonly<Record<Signal, string>> = {
  traces: 'TracesRequest',
  metrics: 'MetricsRequest',
  logs: 'LogsRequest',
}
