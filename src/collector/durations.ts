import { lookup, type Value } from '../source/value.ts'
import type { Component, Section } from './graph.ts'

const SENDING = [
  'retry_on_failure.initial_interval',
  'retry_on_failure.max_interval',
  'retry_on_failure.max_elapsed_time',
  'sending_queue.batch.flush_timeout',
]

// By section and type; `*` is every type of the section.
const PATHS: Readonly<Record<Section, Readonly<Record<string, readonly string[]>>>> = {
  receivers: {},
  processors: { batch: ['timeout'], memory_limiter: ['check_interval'] },
  exporters: { '*': ['timeout', ...SENDING], file: ['flush_interval'] },
  connectors: { failover: ['retry_interval', 'retry_gap', 'sending_queue.batch.flush_timeout'] },
  extensions: { file_storage: ['timeout', 'compaction.check_interval'] },
}

/** The settings of a component that are known to be durations, as they are written. */
export function durationsOf({ section, type, settings }: Component): { path: string; value: Value }[] {
  const known = PATHS[section]
  const paths = [...(known['*'] ?? []), ...(Object.hasOwn(known, type) ? (known[type] ?? []) : [])]
  return paths.flatMap(path => {
    const value = lookup(settings, ...path.split('.'))
    return value ? [{ path, value }] : []
  })
}
