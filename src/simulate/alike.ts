/** How deep two states are compared: deeper lies data that is on its way, and then nothing is quiet. */
const DEPTH = 5

/** Whether two states of a node will behave alike: the same object, or made of equal parts. Data is equal only to itself. */
export function alike(a: unknown, b: unknown, depth = DEPTH): boolean {
  if (Object.is(a, b)) return true
  if (depth === 0 || typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Map) return b instanceof Map && mapsAlike(a, b, depth)
  if (b instanceof Map) return false
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((value, index) => alike(value, b[index], depth - 1))
  for (const key in a) if (!alike(a[key as never], b[key as never], depth - 1)) return false
  for (const key in b) if (!(key in a)) return false
  return true
}

function mapsAlike(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>, depth: number): boolean {
  if (a.size !== b.size) return false
  for (const [key, value] of a) if (!b.has(key) || !alike(value, b.get(key), depth - 1)) return false
  return true
}
