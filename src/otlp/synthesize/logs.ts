import { byService, itemAttributes, resource, runAttribute, sequenceAttribute } from './attributes.ts'
import { SEVERITIES, type Shape } from './shape.ts'
import { Slot } from './slot.ts'

const SCOPE = { name: 'failoverctl' }

/** A request with `count` log records, each with trace ids of its own. */
export const logsRequest = (shape: Shape, run: string, count: number) => ({
  resourceLogs: byService(shape, count, item => record(shape, run, item)).map(({ item, own }) => ({
    resource: resource(shape, item),
    scopeLogs: [{ scope: SCOPE, logRecords: own }],
  })),
})

const record = (shape: Shape, run: string, item: number) => ({
  timeUnixNano: new Slot({ kind: 'time', shiftNs: 0 }),
  observedTimeUnixNano: new Slot({ kind: 'time', shiftNs: 0 }),
  severityNumber: SEVERITIES[shape.severity],
  severityText: shape.severity,
  body: { stringValue: shape.body },
  attributes: [runAttribute(run), sequenceAttribute(item), ...itemAttributes(shape, item)],
  traceId: new Slot({ kind: 'trace', item }),
  spanId: new Slot({ kind: 'span', item }),
})
