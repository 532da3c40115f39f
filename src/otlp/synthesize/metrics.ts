import { byService, itemAttributes, resource, runAttribute, sequenceAttribute } from './attributes.ts'
import type { MetricKind, Shape } from './shape.ts'
import { Slot } from './slot.ts'

const SCOPE = { name: 'failoverctl' }
const CUMULATIVE = 2

/** A request with `count` data points, which take turns among the shape's kinds of metric. */
export const metricsRequest = (shape: Shape, run: string, count: number, startedAtMs: number) => ({
  resourceMetrics: byService(shape, count, item => item).map(({ item, own }) => ({
    resource: resource(shape, item),
    scopeMetrics: [{ scope: SCOPE, metrics: metricsOf(shape, run, own, startedAtMs) }],
  })),
})

function metricsOf(shape: Shape, run: string, items: readonly number[], startedAtMs: number) {
  const kinds = shape.metrics
  return kinds.flatMap((kind, turn) => {
    const own = items.filter((_, index) => index % kinds.length === turn)
    const dataPoints = own.map(item => ({
      attributes: [runAttribute(run), sequenceAttribute(item), ...itemAttributes(shape, item)],
      startTimeUnixNano: `${Math.floor(startedAtMs)}000000`,
      timeUnixNano: new Slot({ kind: 'time', shiftNs: 0 }),
      ...VALUES[kind](item),
    }))
    return own.length > 0 ? [{ name: `failoverctl.${kind}`, unit: '1', [kind]: { dataPoints, ...KINDS[kind] } }] : []
  })
}

const KINDS: Readonly<Record<MetricKind, object>> = {
  gauge: {},
  sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true },
  histogram: { aggregationTemporality: CUMULATIVE },
}

const VALUES: Readonly<Record<MetricKind, (item: number) => object>> = {
  gauge: item => ({ asDouble: 0.5 + item }),
  // A monotonic sum must not fall: it is the sequence number.
  sum: item => ({ asInt: new Slot({ kind: 'sequence', item }) }),
  histogram: () => ({
    count: '6',
    sum: 61.5,
    bucketCounts: ['1', '2', '2', '1'],
    explicitBounds: [1, 10, 25],
    min: 0.5,
    max: 30,
  }),
}
