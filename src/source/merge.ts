import { notYaml } from './text-place.ts'
import type { Entry, Value } from './value.ts'
import { TOO_DEEP } from './yaml-refusals.ts'

/** Joins configs as several `--config` do: maps merge deeply, and anything else of the second replaces the first. */
export function merge(first: Value, second: Value): Value {
  if (first.kind !== 'map' || second.kind !== 'map') return second
  const entries = new Map(first.entries)
  for (const [key, entry] of second.entries) {
    const before = entries.get(key)
    entries.set(key, before ? { ...entry, value: merge(before.value, entry.value) } : entry)
  }
  return { ...second, entries }
}

const DELIMITER = '::'
const MAX_DEPTH = 500

/**
 * Turns `a::b: 1` into `a: {b: 1}`, at every level but not inside lists (confmap v1.67.0: the delimiter of its keys).
 * Where both spellings say the same thing, the one with the delimiter wins.
 */
export function unflatten(value: Value, depth = 0): Value {
  if (value.kind !== 'map') return value
  const short: Entry[] = []
  const long = new Map<string, Entry[]>()
  for (const entry of value.entries.values()) {
    if (depth > MAX_DEPTH) throw notYaml(entry.keyAt, ...TOO_DEEP)
    const cut = entry.key.indexOf(DELIMITER)
    if (cut < 0) short.push({ ...entry, value: unflatten(entry.value, depth + 1) })
    else append(long, entry.key.slice(0, cut), { ...entry, key: entry.key.slice(cut + DELIMITER.length) })
  }
  const nested = Array.from(long, ([key, inside]) => nest(key, inside, depth))
  return merge({ ...value, entries: byKey(short) }, { ...value, entries: byKey(nested) })
}

// Every part of the key stands where the whole key stands.
function nest(key: string, inside: readonly Entry[], depth: number): Entry {
  const keyAt = (inside[0] as Entry).keyAt
  return { key, keyAt, value: unflatten({ kind: 'map', at: keyAt, entries: byKey(inside) }, depth + 1) }
}

function append(lists: Map<string, Entry[]>, key: string, entry: Entry): void {
  const list = lists.get(key)
  if (list) list.push(entry)
  else lists.set(key, [entry])
}

const byKey = (entries: readonly Entry[]) => new Map(entries.map(entry => [entry.key, entry]))
