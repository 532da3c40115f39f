import { lookup } from '../source/value.ts'
import type { Component, Graph, Pipeline, Reference } from './graph.ts'
import { asText } from './settings.ts'

/** The ways that data takes through a collector, as boxes and arrows from left to right. */
export interface Drawing {
  readonly boxes: readonly Box[]
  readonly arrows: readonly Arrow[]
}

export interface Box {
  readonly id: string
  readonly kind: 'receiver' | 'pipeline' | 'connector' | 'exporter' | 'missing'
  readonly name: string
  /** Processors of a pipeline, address of an exporter, or what is missing. */
  readonly detail: string
}

export interface Arrow {
  readonly from: string
  readonly to: string
  /** `level 0` behind a failover connector. */
  readonly label: string
}

const ABSENT = 'not configured'

export function drawingOf(graph: Graph): Drawing {
  const boxes = new Map<string, Box>()
  const arrows = new Map<string, Arrow>()
  const box = (kind: Box['kind'], name: string, detail = '') => {
    const id = `${kind} ${name}`
    if (!boxes.has(id)) boxes.set(id, { id, kind, name, detail })
    return id
  }
  const arrow = (from: string, to: string, label = '') => arrows.set(JSON.stringify([from, to, label]), { from, to, label })
  const { connectors, receivers, exporters } = graph.components
  const nameOf = (reference: Reference) => (reference.hidden ? '${…}' : reference.id)
  for (const pipeline of graph.pipelines.values()) {
    const here = box('pipeline', pipeline.id, pipeline.processors.map(nameOf).join(', '))
    for (const reference of pipeline.receivers) {
      const from = connectors.get(reference.id)
      if (from?.type === 'failover') continue
      const kind = from ? 'connector' : receivers.has(reference.id) ? 'receiver' : 'missing'
      arrow(box(kind, nameOf(reference), kind === 'missing' ? ABSENT : ''), here)
    }
    for (const reference of pipeline.exporters) {
      const exporter = exporters.get(reference.id)
      const kind = connectors.has(reference.id) ? 'connector' : exporter ? 'exporter' : 'missing'
      arrow(here, box(kind, nameOf(reference), kind === 'exporter' ? addressOf(exporter) : kind === 'missing' ? ABSENT : ''))
    }
  }
  for (const { component, levels, targets } of graph.failovers) {
    const from = box('connector', component.id)
    const placed = new Set<Pipeline>()
    for (const { index, pipelines } of levels) {
      for (const reference of pipelines) {
        if (reference.pipeline) placed.add(reference.pipeline)
        const to = reference.pipeline
          ? box('pipeline', reference.pipeline.id)
          : box('missing', nameOf(reference), 'no such pipeline')
        arrow(from, to, `level ${index}`)
      }
    }
    for (const target of targets) if (!placed.has(target)) arrow(from, box('pipeline', target.id), 'no level')
  }
  return { boxes: [...boxes.values()], arrows: [...arrows.values()] }
}

/** Where an exporter sends, as far as it may be shown: nothing of the environment, no user and password. */
export function addressOf(exporter: Component | undefined): string {
  const keys = ['endpoint', 'traces_endpoint', 'metrics_endpoint', 'logs_endpoint', 'path']
  const value = keys.map(key => lookup(exporter?.settings, key)).find(found => asText(found))
  if (value?.kind !== 'scalar' || value.fromEnvironment) return ''
  return value.text.replace(/(:\/\/)[^\s/@]*@/, '$1')
}
