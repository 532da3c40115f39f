import { exporterKind } from '../collector/component-types.ts'
import type { Component, Failover, Graph, Pipeline, Queue, Reference } from '../collector/graph.ts'
import { sendingOf } from '../collector/sending.ts'
import { FailoverctlError } from '../core/errors.ts'
import { batcher } from './batcher.ts'
import type { Collector } from './collector.ts'
import { exporter } from './exporter.ts'
import { failover } from './failover.ts'
import { classicFailover } from './failover-classic.ts'
import { fanout } from './fanout.ts'
import { memoryLimiter } from './memory-limiter.ts'
import type { Node } from './node.ts'
import { type QueueSettings, queue } from './queue.ts'
import { atLeast, batcherSettings, checkIntervalOf, classicSettings, queueSettings, softLimitOf } from './settings.ts'

export interface Built {
  readonly collector: Collector
  /** The exporters that some pipeline leads to. */
  readonly exporters: readonly Component[]
  readonly queues: readonly BuiltQueue[]
  /** What the config asks for and the model leaves out, in sentences. */
  readonly notes: readonly string[]
}

export interface BuiltQueue {
  /** The exporter or connector. */
  readonly owner: string
  readonly signal: string
  readonly capacity: number
  readonly sizer: QueueSettings['sizer']
  readonly storage: NonNullable<QueueSettings['storage']>
}

/** The name of the entry through which a receiver's data of one signal comes in. */
export const entryOf = (receiver: string, signal: string): string => `${receiver}|${signal}`

/**
 * The model of the collector that this config describes. The config must be one that a collector accepts:
 * every reference resolves, every level's pipeline is fed by its connector.
 */
export function buildCollector(graph: Graph, seed: number): Built {
  const nodes = new Map<string, Node>()
  const notes = new Set<string>()
  const exporters = new Set<Component>()
  const queues: BuiltQueue[] = []
  const add = (node: Node) => {
    nodes.set(node.id, node)
    return node.id
  }
  const join = (id: string, children: readonly string[]) =>
    children.length === 1 ? (children[0] as string) : add(fanout(id, children))

  /** A node is made once, when the first pipeline asks for it. */
  const once = (id: string, make: () => string): string => {
    const made = names.get(id) ?? make()
    names.set(id, made)
    return made
  }
  const names = new Map<string, string>()

  // The collector makes an exporter, with its queue and its connection, for each signal.
  const exporterEntry = (component: Component, signal: string) =>
    once(`exporter ${component.id} ${signal}`, () => {
      exporters.add(component)
      const { timeout, queue: waiting, retry } = sendingOf(component)
      const sender = add(
        exporter(`${component.id} for ${signal}`, {
          exporter: component.id,
          timeoutMs: timeout && timeout.value > 0 ? timeout.value : undefined,
          retry: retry?.enabled.value ? { ...retry, maxElapsedMs: retry.maxElapsed.value } : undefined,
          grpc: exporterKind(component.type)?.wire === 'grpc',
          seed: seed + nodes.size,
        }),
      )
      if (!waiting?.enabled.value) return sender
      return queueEntry(component, signal, waiting, sender)
    })

  const queueEntry = (owner: Component, signal: string, waiting: Queue, child: string) => {
    const settings = queueSettings(graph, owner, signal, waiting, child)
    queues.push({ owner: owner.id, signal, capacity: waiting.size, sizer: settings.sizer, storage: settings.storage })
    return add(queue(`queue of ${owner.id} for ${signal}`, settings))
  }

  const failoverEntry = (connector: Failover, signal: string) =>
    once(`failover ${connector.component.id}`, () => {
      const { id } = connector.component
      const levels = connector.levels.map(level =>
        join(
          `level ${level.index} of ${id}`,
          level.pipelines.flatMap(({ pipeline }) => (pipeline ? [pipelineEntry(pipeline)] : [])),
        ),
      )
      const { retryInterval, condition, queue: waiting } = connector
      const settings = {
        connector: id,
        levels,
        retryIntervalMs: atLeast(retryInterval.value),
        condition,
        counted: waiting.enabled.value,
      }
      const classic = classicSettings(connector, graph.version)
      const router = add(classic ? classicFailover(id, { ...settings, ...classic }) : failover(id, settings))
      return waiting.enabled.value ? queueEntry(connector.component, signal, waiting, router) : router
    })

  const forwardEntry = (component: Component, signal: string) =>
    once(`forward ${component.id} ${signal}`, () => {
      const fed = [...graph.pipelines.values()].filter(
        p => p.signal === signal && p.receivers.some(({ id }) => id === component.id),
      )
      return join(`forward ${component.id} ${signal}`, fed.map(pipelineEntry))
    })

  const pipelineEntry = (pipeline: Pipeline): string =>
    once(`pipeline ${pipeline.id}`, () => {
      const last = join(
        `exporters of ${pipeline.id}`,
        pipeline.exporters.map(reference => outletEntry(reference, pipeline)),
      )
      return pipeline.processors.toReversed().reduce((next, reference) => processorEntry(reference, pipeline, next), last)
    })

  const outletEntry = ({ id }: Reference, pipeline: Pipeline): string => {
    const connector = graph.failovers.find(({ component }) => component.id === id)
    if (connector) return failoverEntry(connector, pipeline.signal)
    const other = graph.components.connectors.get(id)
    if (other?.type === 'forward') return forwardEntry(other, pipeline.signal)
    const component = graph.components.exporters.get(id)
    if (component && exporterKind(component.type)) return exporterEntry(component, pipeline.signal)
    throw new FailoverctlError(
      'not-embedded',
      `${pipeline.at.file}:${pipeline.at.line}: the embedded collector has no ${other ? 'connector' : 'exporter'} of the kind ${id}`,
      'It has the exporters otlp, otlphttp, file, debug, nop, a stand-in for kafka and load_balancing, and the connectors failover and forward.',
    )
  }

  const processorEntry = ({ id }: Reference, pipeline: Pipeline, next: string): string => {
    const component = graph.components.processors.get(id)
    if (component?.type === 'batch') return add(batcher(`${id} in ${pipeline.id}`, batcherSettings(component, next)))
    if (component?.type === 'memory_limiter') return limiterEntry(component, pipeline, next)
    notes.add(`processor ${id} passes everything on unchanged`)
    return next
  }

  const limiterEntry = (component: Component, pipeline: Pipeline, next: string): string => {
    const softLimitBytes = softLimitOf(component)
    if (softLimitBytes !== undefined) {
      const checkIntervalMs = atLeast(checkIntervalOf(component))
      return add(memoryLimiter(`${component.id} in ${pipeline.id}`, { child: next, checkIntervalMs, softLimitBytes }))
    }
    notes.add(`${component.id} never refuses here: its limit is a share of a memory that the config does not name`)
    return next
  }

  const fed = new Map<string, Pipeline[]>()
  for (const pipeline of graph.pipelines.values()) {
    for (const { id } of pipeline.receivers) {
      if (!graph.components.receivers.has(id)) continue
      const entry = entryOf(id, pipeline.signal)
      fed.set(entry, [...(fed.get(entry) ?? []), pipeline])
    }
  }
  const entries = new Map(Array.from(fed, ([entry, pipelines]) => [entry, join(entry, pipelines.map(pipelineEntry))]))
  return { collector: { nodes, entries }, exporters: [...exporters], queues, notes: [...notes] }
}
