import type { Graph } from '../collector/graph.ts'
import { asText } from '../collector/settings.ts'
import { since } from '../collector/versions.ts'
import { lookup } from '../source/value.ts'

/** How a collector spells its counters: `otelcol_exporter_sent_spans`, with `_total`, or one of both and nobody knows. */
export const SPELLINGS = ['plain', 'total', 'either'] as const
export type Spelling = (typeof SPELLINGS)[number]

/**
 * From this release on a stated Prometheus reader leaves units and `_total` away, as the collector's own default always did
 * (measured on core 0.161.0; of 0.130 its notes tell the contrary).
 */
const PLAIN_SINCE = 161

/** What the config and the version say about the names; `either` where they leave it open. */
export function spellingOf({ root, version }: Graph): Spelling {
  const readers = lookup(root, 'service', 'telemetry', 'metrics', 'readers')
  const items = readers?.kind === 'list' ? readers.items : []
  const prometheus = items.map(reader => lookup(reader, 'pull', 'exporter', 'prometheus')).find(found => found !== undefined)
  if (!prometheus) return 'plain'
  const stated = asText(lookup(prometheus, 'without_type_suffix'))
  if (stated !== undefined) return stated === 'true' ? 'plain' : 'total'
  return since(version, PLAIN_SINCE) ? 'plain' : 'either'
}

/** A counter of a collector under its name here, with matchers: `name{a="b"}`. */
export function counter(name: string, spelling: Spelling, matchers: readonly string[]): string {
  if (spelling === 'either') return braces([`__name__=~"${name}(_total)?"`, ...matchers])
  return `${spelled(name, spelling)}${braces(matchers)}`
}

/** The uptime also carries its unit where counters carry a suffix. */
export function uptime(spelling: Spelling, matchers: readonly string[]): string {
  const name = 'otelcol_process_uptime'
  if (spelling === 'plain') return `${name}${braces(matchers)}`
  return braces([`__name__=~"${name}(_seconds)?(_total)?"`, ...matchers])
}

/** A name that exists, for a test. */
export const spelled = (name: string, spelling: Spelling): string => (spelling === 'plain' ? name : `${name}_total`)

export const braces = (matchers: readonly string[]): string => (matchers.length > 0 ? `{${matchers.join(', ')}}` : '')

/** `label="a"`, or `label=~"a|b"` for several. */
export function matcher(label: string, values: readonly string[]): string {
  const [only] = values
  if (values.length === 1 && only !== undefined) return `${label}="${only}"`
  return `${label}=~"${values.map(value => value.replace(/[.+*?()[\]{}^$|\\]/g, '\\\\$&')).join('|')}"`
}
