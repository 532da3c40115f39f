import { normalizeId } from '../collector/ids.ts'
import type { Entry, MapValue, Value } from '../source/value.ts'

const SECTIONS = new Set(['receivers', 'processors', 'exporters', 'connectors', 'extensions'])

/**
 * The config as the collector decodes it: behind a key with spaces it finds the component and loses its settings (measured
 * on core 0.161.0), so that what the component needs is missing.
 */
export function withoutLostSettings(root: MapValue): MapValue {
  const isSpaced = ({ key }: Entry) => normalizeId(key) !== key
  const loses = ({ key, value }: Entry) => SECTIONS.has(key) && value.kind === 'map' && [...value.entries.values()].some(isSpaced)
  if (![...root.entries.values()].some(loses)) return root
  const emptied = (entry: Entry): Entry =>
    isSpaced(entry)
      ? { ...entry, key: normalizeId(entry.key), value: { kind: 'map', at: entry.keyAt, entries: new Map() } }
      : entry
  return mapEntries(root, entry => (loses(entry) ? { ...entry, value: mapEntries(entry.value, emptied) } : entry))
}

const mapEntries = <T extends Value>(value: T, change: (entry: Entry) => Entry): T =>
  value.kind === 'map'
    ? { ...value, entries: new Map([...value.entries.values()].map(change).map(entry => [entry.key, entry])) }
    : value
