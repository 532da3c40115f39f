/** What synthetic telemetry looks like. All of it can be told from a sequence number, so that a run can be repeated. */
export interface Shape {
  /** Of one service its name; of several `name-1`, `name-2` and so on. */
  readonly service: string
  readonly services: number
  /** Added to the resource, and to each span, data point and log record. */
  readonly resourceAttributes: readonly Attribute[]
  readonly itemAttributes: readonly Attribute[]
  /** How many more attributes each item has, and how many characters the value of each. */
  readonly attributes: number
  readonly attributeSize: number
  /** How many different values each of them has. */
  readonly cardinality: number
  /** Spans of a trace, each the parent of the next. */
  readonly depth: number
  /** The share of spans (0 to 1) that end in an error. */
  readonly errors: number
  readonly events: number
  readonly links: number
  /** Data points take turns among these. */
  readonly metrics: readonly MetricKind[]
  readonly severity: Severity
  readonly body: string
}

export interface Attribute {
  readonly key: string
  readonly value: string
}

export const METRIC_KINDS = ['gauge', 'sum', 'histogram'] as const
export type MetricKind = (typeof METRIC_KINDS)[number]

/** Severity numbers of the OpenTelemetry log data model. */
export const SEVERITIES = { TRACE: 1, DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17, FATAL: 21 } as const
export type Severity = keyof typeof SEVERITIES

export const PLAIN: Shape = {
  service: 'failoverctl',
  services: 1,
  resourceAttributes: [],
  itemAttributes: [],
  attributes: 0,
  attributeSize: 16,
  cardinality: 1,
  depth: 1,
  errors: 0,
  events: 0,
  links: 0,
  metrics: ['gauge'],
  severity: 'INFO',
  body: 'synthetic log record',
}
