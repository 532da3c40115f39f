import { lookup, type Value } from '../source/value.ts'
import { exporterKind } from './component-types.ts'
import type { Component, Queue, Reference, Retry } from './graph.ts'
import { onceEach } from './once-each.ts'
import { asText, type Setting, settingsOf } from './settings.ts'

/** How an exporter sends: what stands between the pipeline's call and the wire. */
export interface Sending {
  readonly timeout: Setting<number> | undefined
  readonly queue: Queue | undefined
  readonly retry: Retry | undefined
}

/** The effective settings of an exporter, defaults of its type included. */
export const sendingOf = onceEach((exporter: Component): Sending => {
  const kind = exporterKind(exporter.type)
  const settings = settingsOf(exporter)
  const has = (section: string, byDefault: boolean | undefined) =>
    byDefault !== undefined || settings.section(section) !== undefined
  return {
    timeout: kind?.timeoutMs === undefined ? undefined : settings.duration('timeout', kind.timeoutMs),
    queue: has('sending_queue', kind?.queueByDefault) ? queueOf(exporter, kind?.queueByDefault ?? true) : undefined,
    retry: has('retry_on_failure', kind?.retryByDefault) ? retryOf(exporter, kind?.retryByDefault ?? true) : undefined,
  }
})

const SIZERS = ['requests', 'items', 'bytes'] as const

/** `sending_queue` of an exporter or of the failover connector. A section that is written but empty switches it on. */
export function queueOf(component: Component, byDefault: boolean): Queue {
  const settings = settingsOf(component)
  const sizer = settings.text('sending_queue.sizer', 'requests').value
  return {
    enabled: enabled(component, 'sending_queue', byDefault),
    consumers: settings.number('sending_queue.num_consumers', 10).value,
    size: settings.number('sending_queue.queue_size', 1000).value,
    sizer: SIZERS.find(known => known === sizer) ?? 'requests',
    blockOnOverflow: settings.boolean('sending_queue.block_on_overflow', false).value,
    waitForResult: settings.boolean('sending_queue.wait_for_result', false).value,
    storage: referenceOf(lookup(component.settings, 'sending_queue', 'storage')),
  }
}

function retryOf(exporter: Component, byDefault: boolean): Retry {
  const settings = settingsOf(exporter)
  return {
    enabled: enabled(exporter, 'retry_on_failure', byDefault),
    initialMs: settings.duration('retry_on_failure.initial_interval', 5000).value,
    maxMs: settings.duration('retry_on_failure.max_interval', 30_000).value,
    maxElapsed: settings.duration('retry_on_failure.max_elapsed_time', 300_000),
    multiplier: settings.number('retry_on_failure.multiplier', 1.5).value,
    randomization: settings.number('retry_on_failure.randomization_factor', 0.5).value,
  }
}

// Said outright, or by the section being there, or not at all: each has its own place to point at.
function enabled(component: Component, section: string, byDefault: boolean): Setting<boolean> {
  const settings = settingsOf(component)
  const written = settings.section(section)
  const flag = settings.boolean(`${section}.enabled`, byDefault || written?.kind === 'map')
  if (flag.stated || component.settings?.kind !== 'map') return flag
  const key = component.settings.entries.get(section)?.keyAt
  return key ? { ...flag, at: key } : flag
}

/** A value that names a component or pipeline; undefined when it is empty or no name. */
export function referenceOf(value: Value | undefined): Reference | undefined {
  const id = asText(value)
  return value?.kind === 'scalar' && id ? { id, at: value.at, hidden: value.fromEnvironment } : undefined
}
