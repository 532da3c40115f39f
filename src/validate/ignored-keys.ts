import { exporterType } from '../collector/component-types.ts'
import type { Graph } from '../collector/graph.ts'
import { since } from '../collector/versions.ts'
import { lookup, type Note, type Value } from '../source/value.ts'

/** core 0.160.0: confighttp reads its settings out of the whole component, and forgets to say what it did not know. */
const IGNORED_SINCE = 160

/** Where unknown keys are lost, measured on core 0.161.0; in the sections beside these they are refused. */
const IN_EXPORTER = [[], ['retry_on_failure'], ['tls'], ['tls', 'tpm'], ['compression_params']]

/** What the schema says, with a warning in place of an error where a collector starts and forgets a key that it does not know. */
export function withIgnoredKeys(graph: Graph, notes: readonly Note[]): Note[] {
  if (!since(graph.version, IGNORED_SINCE)) return [...notes]
  const places = new Set(forgetful(graph).flatMap(keyPlaces))
  return notes.map(note =>
    note.message.startsWith('unknown key') && places.has(placeOf(note.at))
      ? {
          ...note,
          severity: 'warning',
          message: `${note.message}${note.message.endsWith('?') ? '' : ':'} collectors from 0.160 on ignore it`,
        }
      : note,
  )
}

function forgetful({ components }: Graph): (Value | undefined)[] {
  const exporters = [...components.exporters.values()].filter(({ type }) => exporterType(type) === 'otlp_http')
  const receivers = [...components.receivers.values()].filter(({ type }) => type === 'otlp')
  return [
    ...exporters.flatMap(({ settings }) => IN_EXPORTER.map(path => lookup(settings, ...path))),
    ...receivers.map(({ settings }) => lookup(settings, 'protocols', 'http')),
  ]
}

const keyPlaces = (section: Value | undefined) =>
  section?.kind === 'map' ? Array.from(section.entries.values(), ({ keyAt }) => placeOf(keyAt)) : []

const placeOf = ({ file, line, column }: Note['at']) => `${file}\n${line}\n${column}`
