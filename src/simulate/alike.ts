/** How deep two states are compared: deeper lies data that is on its way, and then nothing is quiet. */
const DEPTH = 5

/**
 * Whether two states of a node will behave alike: the same object, or made of equal parts. Data is equal only to itself.
 * `except` names a part that does not count.
 */
export function alike(a: unknown, b: unknown, except = '', depth = DEPTH): boolean {
  if (Object.is(a, b)) return true
  if (depth === 0 || typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Map) return b instanceof Map && mapsAlike(a, b, except, depth)
  if (b instanceof Map) return false
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((value, index) => alike(value, b[index], except, depth - 1))
  for (const key in a) if (key !== except && !alike(a[key as never], b[key as never], except, depth - 1)) return false
  for (const key in b) if (!(key in a)) return false
  return true
}

function mapsAlike(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>, except: string, depth: number): boolean {
  if (a.size !== b.size) return false
  for (const [key, value] of a) if (!b.has(key) || !alike(value, b.get(key), except, depth - 1)) return false
  return true
}
