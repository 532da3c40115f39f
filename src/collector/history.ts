import { type At, lookup } from '../source/value.ts'
import type { Component, Graph, Section } from './graph.ts'
import { onceEach } from './once-each.ts'
import { keyAt } from './settings.ts'

/** When a setting or a component type came and went. Releases are minor numbers: 157 is 0.157.0. */
interface Lifetime {
  /** The first release that knows it; earlier ones refuse it. */
  readonly since?: number
  /** The first release that refuses it; 0 where none ever took it, but guides have it. */
  readonly removed?: number
  /** Taken, but not as it is meant: from which release, and what is the case then. */
  readonly deprecated?: { readonly since: number; readonly effect: string }
  /** What to do about it, as a sentence. */
  readonly instead: string
}

interface Chapter extends Lifetime {
  readonly section: Section
  /** Component types as they are written; undefined: all of the section. */
  readonly types?: readonly string[]
  /** The setting; without it the component type itself. */
  readonly path?: string
  /** Only where the value is of this kind. */
  readonly kind?: 'list'
}

const IGNORED = { since: 121, effect: 'has no effect since 0.121: one batch is tried on the higher levels each retry_interval' }
const renamed = (name: string) => ({
  since: 144,
  effect: `is called \`${name}\` since 0.144; the old name works, with a warning at start`,
})

/** By the changelogs of core and contrib; `condition` by the pull requests 49578 and 44518, which say no release. */
const CHAPTERS: readonly Chapter[] = [
  {
    section: 'connectors',
    types: ['failover'],
    since: 90,
    instead: 'Use a newer collector.',
  },
  {
    section: 'connectors',
    types: ['failover'],
    path: 'retry_gap',
    deprecated: IGNORED,
    removed: 157,
    instead: 'Remove it: retry_interval alone says when higher levels are tried.',
  },
  {
    section: 'connectors',
    types: ['failover'],
    path: 'max_retries',
    deprecated: IGNORED,
    removed: 157,
    instead: 'Remove it: a level is tried again for ever.',
  },
  {
    section: 'connectors',
    types: ['failover'],
    path: 'sending_queue',
    since: 136,
    instead: 'Remove it, or use a newer collector. Older ones answer only when a level has the data.',
  },
  {
    section: 'connectors',
    types: ['failover'],
    path: 'condition',
    since: 159,
    instead: 'Remove it, or use a newer collector. In older ones every error fails over.',
  },
  {
    section: 'connectors',
    types: ['failover'],
    path: 'condition.error.contains',
    kind: 'list',
    since: 163,
    instead: 'Write one text instead of a list.',
  },
  {
    section: 'exporters',
    path: 'sending_queue.blocking',
    deprecated: { since: 122, effect: 'is called `block_on_overflow` since 0.122' },
    removed: 129,
    instead: 'Write `block_on_overflow`.',
  },
  { section: 'exporters', path: 'batcher', removed: 130, instead: 'Write `sending_queue: {batch: …}`.' },
  {
    section: 'exporters',
    types: ['otlp'],
    deprecated: renamed('otlp_grpc'),
    instead: 'Write `otlp_grpc`, here and in the pipelines.',
  },
  {
    section: 'exporters',
    types: ['otlphttp'],
    deprecated: renamed('otlp_http'),
    instead: 'Write `otlp_http`, here and in the pipelines.',
  },
  { section: 'exporters', types: ['otlp_grpc'], since: 144, instead: 'Write `otlp`, as older releases call it.' },
  { section: 'exporters', types: ['otlp_http'], since: 144, instead: 'Write `otlphttp`, as older releases call it.' },
  { section: 'exporters', types: ['logging'], removed: 111, instead: 'Use the `debug` exporter.' },
  { section: 'exporters', types: ['file'], path: 'create_directory', since: 141, instead: 'Create the folder yourself.' },
  {
    section: 'extensions',
    types: ['file_storage'],
    path: 'max_file_size_mib',
    removed: 0,
    instead: 'Remove it. From 0.156 on `max_size`, in bytes, limits each component.',
  },
  {
    section: 'extensions',
    types: ['file_storage'],
    path: 'max_size',
    since: 156,
    instead: 'Remove it: older releases have no limit.',
  },
  {
    section: 'extensions',
    types: ['health_check'],
    path: 'check_collector_pipeline',
    deprecated: { since: 103, effect: 'has no effect since 0.103: the check does not look at exporters' },
    instead: 'Remove it, and watch the metrics of the exporters.',
  },
  { section: 'extensions', types: ['file_storage'], path: 'recreate', since: 131, instead: 'Remove it.' },
]

const ADDRESS_PATH = ['service', 'telemetry', 'metrics', 'address']
const ADDRESS: Lifetime = {
  deprecated: { since: 111, effect: 'is deprecated since 0.111, and has no effect from 0.123 on' },
  removed: 128,
  instead: 'Write `readers: [{pull: {exporter: {prometheus: {host: 0.0.0.0, port: 8888}}}}]`.',
}

/** A place in the config that not every release takes as it is meant. */
export interface Dated extends Lifetime {
  readonly at: At
  /** The subject of a sentence. */
  readonly what: string
  /** Whether it is a component type and not a setting. */
  readonly isType: boolean
  /** From the top of the config. */
  readonly path: readonly string[]
}

/** Everything in this config that came or went with some release, whatever the release it is read for. */
export const datedSettings = onceEach(({ root, components }: Graph): readonly Dated[] => {
  const found = CHAPTERS.flatMap(chapter => {
    const { section, types } = chapter
    const ofType = Array.from(components[section].values()).filter(({ type }) => types?.includes(type) ?? true)
    return ofType.flatMap(component => datedOf(chapter, component) ?? [])
  })
  const address = keyAt(root, ADDRESS_PATH)
  return address
    ? [...found, { ...ADDRESS, at: address, what: `\`${ADDRESS_PATH.join('.')}\``, isType: false, path: ADDRESS_PATH }]
    : found
})

function datedOf(chapter: Chapter, { section, type, id, at, settings }: Component): Dated | undefined {
  if (!chapter.path)
    return { ...chapter, at, what: `the ${section.slice(0, -1)} type \`${type}\``, isType: true, path: [section, id] }
  const path = chapter.path.split('.')
  const key = keyAt(settings, path)
  if (!key || (chapter.kind && lookup(settings, ...path)?.kind !== chapter.kind)) return undefined
  return { ...chapter, at: key, what: `\`${chapter.path}\` of \`${id}\``, isType: false, path: [section, id, ...path] }
}
