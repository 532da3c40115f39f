import { ACKNOWLEDGES_FIRST } from '../collector/component-types.ts'
import type { Graph, Reference } from '../collector/graph.ts'
import { settingsOf } from '../collector/settings.ts'

/**
 * Whether a processor answers "accepted" before it delivers. queuebatch (core 0.158) is exporterhelper's queue as a processor:
 * it does, unless `wait_for_result` is true or the queue is off.
 */
export function acknowledgesFirst({ id }: Reference, { components }: Graph): boolean {
  const type = id.split('/')[0]?.trim() ?? ''
  if (ACKNOWLEDGES_FIRST.has(type)) return true
  if (type !== 'queuebatch' && type !== 'queue_batch') return false
  const component = components.processors.get(id)
  if (!component) return true
  const settings = settingsOf(component)
  return settings.boolean('enabled', true).value && !settings.boolean('wait_for_result', false).value
}
