import type { Component, Failover, Graph, Pipeline, Reference } from '../../collector/graph.ts'
import { asText } from '../../collector/settings.ts'
import { since } from '../../collector/versions.ts'
import type { Change, Path } from '../../source/change.ts'
import { readDuration } from '../../source/duration.ts'
import { lookup, type Value } from '../../source/value.ts'
import { placedPipelines } from '../levels.ts'
import type { Fix } from '../rule.ts'
import { itemPath } from './places.ts'

/** contrib 0.136.0 gave the connector its queue, core 0.138.0 lets `batch: {}` mean the defaults. */
const QUEUE_SINCE = 136
const BATCH_SINCE = 138

const QUEUE_KEYS = ['num_consumers', 'queue_size', 'sizer', 'block_on_overflow']

const pathOf = ({ section, id }: Component): Path => [section, id]

/** An exporter or a connector behind a failover connector gives its queue up; the connector in front gets its size. */
export function queueOff(component: Component, graph: Graph): Fix {
  const path = pathOf(component)
  const off: Change = { kind: 'set', path: [...path, 'sending_queue', 'enabled'], to: false }
  const fronts = component.section === 'exporters' ? connectorsBefore(component.id, graph) : []
  const stated = QUEUE_KEYS.filter(key => lookup(component.settings, 'sending_queue', key) !== undefined)
  const moved = fronts.filter(front => stated.length > 0 && mayHoldQueue(front, stated, graph))
  if (moved.length === 0) return { title: `turn the queue of \`${component.id}\` off`, changes: [off] }
  const from = (key: string) => [...path, 'sending_queue', key]
  const copies = moved.flatMap(front =>
    stated.map((key): Change => ({ kind: 'copy', path: [...pathOf(front.component), 'sending_queue', key], from: from(key) })),
  )
  const gone = stated.map((key): Change => ({ kind: 'remove', path: from(key) }))
  const names = moved.map(front => `\`${front.component.id}\``).join(', ')
  return { title: `move the queue of \`${component.id}\` to ${names}`, changes: [off, ...copies, ...gone] }
}

export const retryOff = ({ id, section }: Component): Fix => ({
  title: `turn the retries of \`${id}\` off`,
  changes: [{ kind: 'set', path: [section, id, 'retry_on_failure', 'enabled'], to: false }],
})

/** The batch processor leaves the pipeline; the connector's queue batches instead, as the processor would have. */
export function batchOut(reference: Reference, pipeline: Pipeline, graph: Graph): { fix?: Fix } {
  const { id: processor, hidden } = reference
  if (processor.split('/')[0] !== 'batch' || hidden) return {}
  const path = itemPath(graph, ['service', 'pipelines', pipeline.id, 'processors'], reference)
  const changes: Change[] = [{ kind: 'remove', path }]
  const fronts = frontsOf(graph, one => one === pipeline).filter(front => mayBatch(front, graph))
  const settings = graph.components.processors.get(processor)
  for (const front of fronts) changes.push(...batching(front, settings))
  return { fix: { title: `take \`${processor}\` out of \`${pipeline.id}\``, changes } }
}

const SETTINGS = [
  ['timeout', 'flush_timeout'],
  ['send_batch_size', 'min_size'],
  ['send_batch_max_size', 'max_size'],
] as const

function batching({ component }: Failover, processor: Component | undefined): Change[] {
  const path = [...pathOf(component), 'sending_queue', 'batch']
  const copies = SETTINGS.flatMap(([from, to]): Change[] =>
    processor && lookup(processor.settings, from) && !isZero(lookup(processor.settings, from))
      ? [{ kind: 'copy', path: [...path, to], from: [...pathOf(processor), from] }]
      : [],
  )
  return copies.length > 0 ? copies : [{ kind: 'set', path, to: {} }]
}

// A batch processor may wait for nothing and be of no size; a queue refuses that.
const isZero = (value: Value | undefined) => value !== undefined && (readDuration(value)?.ms === 0 || asText(value) === '0')

// Data that already comes in batches needs no second time to wait.
function mayBatch(front: Failover, graph: Graph): boolean {
  const isBatched =
    front.sources.length > 0 && front.sources.every(({ processors }) => processors.some(({ id }) => id.split('/')[0] === 'batch'))
  const hasBatch = lookup(front.component.settings, 'sending_queue', 'batch') !== undefined
  // A queue that counts items has to be larger than a batch.
  const mayBeLarge = front.queue.sizer === 'requests'
  return !isBatched && !hasBatch && mayBeLarge && front.queue.enabled.value && since(graph.version, BATCH_SINCE)
}

// What a person said about the connector's queue stays as it is.
const mayHoldQueue = ({ component, queue }: Failover, stated: readonly string[], { version }: Graph): boolean =>
  since(version, QUEUE_SINCE) &&
  queue.enabled.value &&
  [...QUEUE_KEYS, 'batch'].every(
    key => lookup(component.settings, 'sending_queue', key) === undefined || (key === 'batch' && !stated.includes('sizer')),
  )

const connectorsBefore = (exporter: string, graph: Graph): Failover[] =>
  frontsOf(graph, ({ exporters }) => exporters.some(({ id }) => id === exporter))

/** The failover connectors that have such a pipeline behind them. */
function frontsOf(graph: Graph, isMeant: (pipeline: Pipeline) => boolean): Failover[] {
  const fronts = new Set<Failover>()
  for (const { failover, pipeline } of placedPipelines(graph)) if (isMeant(pipeline)) fronts.add(failover)
  return [...fronts]
}
