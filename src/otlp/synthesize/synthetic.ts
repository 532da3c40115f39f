import { REQUESTS } from '../messages.ts'
import type { Encoding, Signal } from '../signal.ts'
import { Buffers } from './buffers.ts'
import { encodeJson } from './encode-json.ts'
import { encodeProtobuf } from './encode-protobuf.ts'
import { logsRequest } from './logs.ts'
import { metricsRequest } from './metrics.ts'
import type { Shape } from './shape.ts'
import type { Encoded } from './slot.ts'
import type { Marks, Outgoing, Source } from './source.ts'
import { Template } from './template.ts'
import { traceRequest } from './traces.ts'

export interface Synthesis extends Marks {
  readonly signal: Signal
  readonly shape: Shape
}

/** Requests of any number of items, each encoded once: after that, sending one costs what changes in it. */
export function synthetic(synthesis: Synthesis): Source {
  const { signal, encoding, shape, ids } = synthesis
  const templates = new Map<string, Template>()
  const buffers = new Buffers()
  const templateFor = (count: number, phase: number) => {
    const key = `${count} ${phase}`
    const found = templates.get(key)
    if (found) return found
    if (templates.size >= MOST_TEMPLATES) templates.clear()
    const made = new Template(encode(signal, encoding, treeOf(synthesis, count, phase)), count, encoding, ids)
    templates.set(key, made)
    return made
  }
  return {
    signal,
    next(first, wanted, epochMs) {
      const phase = signal === 'traces' ? (first - 1) % shape.depth : 0
      return filled(templateFor(wanted, phase), signal, encoding, buffers, first, epochMs)
    },
  }
}

/** A request that begins in the middle of a trace has a template of its own. */
const MOST_TEMPLATES = 64

export function filled(
  template: Template,
  signal: Signal,
  encoding: Encoding,
  buffers: Buffers,
  first: number,
  epochMs: number,
): Outgoing {
  if (template.isFixed) {
    return { payload: { signal, encoding, body: template.bytes }, items: template.items, settled: () => {} }
  }
  template.fill(first, epochMs)
  const body = buffers.copy(template.bytes)
  return { payload: { signal, encoding, body }, items: template.items, settled: () => buffers.giveBack(body) }
}

export const encode = (signal: Signal, encoding: Encoding, tree: Readonly<Record<string, unknown>>): Encoded =>
  encoding === 'json' ? encodeJson(tree) : encodeProtobuf(REQUESTS[signal], tree)

function treeOf({ signal, shape, run, startedAtMs }: Synthesis, count: number, phase: number): Readonly<Record<string, unknown>> {
  switch (signal) {
    case 'traces':
      return traceRequest(shape, run, count, phase)
    case 'metrics':
      return metricsRequest(shape, run, count, startedAtMs)
    case 'logs':
      return logsRequest(shape, run, count)
  }
}
