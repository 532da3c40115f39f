import { InvalidArgumentError, Option } from 'commander'
import {
  type Attribute,
  METRIC_KINDS,
  type MetricKind,
  PLAIN,
  SEVERITIES,
  type Severity,
  type Shape,
} from '../otlp/synthesize/shape.ts'
import { countFlag, listFlag } from './values.ts'

/** What synthetic telemetry is to look like. */
export interface ShapeOptions {
  readonly service: string
  readonly services: number
  readonly resourceAttribute: readonly Attribute[]
  readonly attribute: readonly Attribute[]
  readonly attributes: number
  readonly attributeSize: number
  readonly cardinality: number
  readonly depth: number
  readonly errors: number
  readonly events: number
  readonly links: number
  /** undefined: gauges. */
  readonly metric: readonly MetricKind[] | undefined
  readonly severity: Severity
  readonly body: string
}

export const shapeOptions = (): Option[] => [
  new Option('--service <name>').default(PLAIN.service),
  new Option('--services <number>', 'so many services in turn: name-1, name-2 and so on').argParser(countFlag(1)).default(1),
  attribute('--resource-attribute <key=value>', 'of the resource; may be repeated'),
  attribute('--attribute <key=value>', 'of each span, data point or log record; may be repeated'),
  new Option('--attributes <number>', 'further attributes of each').argParser(countFlag(0)).default(PLAIN.attributes),
  new Option('--attribute-size <characters>', 'of the value of each of these')
    .argParser(countFlag(0))
    .default(PLAIN.attributeSize),
  new Option('--cardinality <number>', 'different values of each of these').argParser(countFlag(1)).default(PLAIN.cardinality),
  new Option('--depth <spans>', 'spans of a trace, each the parent of the next').argParser(countFlag(1)).default(PLAIN.depth),
  new Option('--errors <share>', 'of spans that end in an error: 0.05 or 5%').argParser(shareFlag).default(PLAIN.errors),
  new Option('--events <number>', 'of each span').argParser(countFlag(0)).default(PLAIN.events),
  new Option('--links <number>', 'of each span, to those sent before it').argParser(countFlag(0)).default(PLAIN.links),
  new Option('--metric <kinds>', `data points take turns: some of ${METRIC_KINDS.join(',')} (default: gauge)`).argParser(
    metricFlag,
  ),
  new Option('--severity <name>', 'of log records').choices(Object.keys(SEVERITIES)).default(PLAIN.severity),
  new Option('--body <text>', 'of log records').default(PLAIN.body),
]

export const shapeOf = ({ resourceAttribute, attribute, metric, ...rest }: ShapeOptions): Shape => ({
  service: rest.service,
  services: rest.services,
  resourceAttributes: resourceAttribute,
  itemAttributes: attribute,
  attributes: rest.attributes,
  attributeSize: rest.attributeSize,
  cardinality: rest.cardinality,
  depth: rest.depth,
  errors: rest.errors,
  events: rest.events,
  links: rest.links,
  metrics: metric ?? PLAIN.metrics,
  severity: rest.severity,
  body: rest.body,
})

const attribute = (flags: string, description: string) =>
  new Option(flags, description).argParser(attributeFlag).default([], 'none')

function attributeFlag(text: string, before: readonly Attribute[]): Attribute[] {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('Expected key=value.')
  return [...before, { key: text.slice(0, at), value: text.slice(at + 1) }]
}

function shareFlag(text: string): number {
  const share = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text)
  if (text.trim() === '' || !(share >= 0 && share <= 1)) throw new InvalidArgumentError('Expected a share such as 0.05 or 5%.')
  return share
}

function metricFlag(text: string, before: readonly MetricKind[] | undefined): MetricKind[] {
  const kinds = listFlag(text, before) as MetricKind[]
  if (kinds.length === 0 || kinds.some(kind => !METRIC_KINDS.includes(kind)))
    throw new InvalidArgumentError(`Expected some of ${METRIC_KINDS.join(', ')}.`)
  return kinds
}
