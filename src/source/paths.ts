import type { At, Value } from './value.ts'

/** What a JSON pointer (`/service/pipelines/traces~1near`) leads to; for a value of a map, also where its key stands. */
export interface Found {
  readonly value: Value
  readonly key?: string
  readonly keyAt?: At
}

/** The end of a JSON pointer, or the last value on the way where the path ends early. */
export function atPointer(root: Value, pointer: string): Found {
  let found: Found = { value: root }
  for (const step of pointer.split('/').slice(1)) {
    const next = stepInto(found.value, step.replaceAll('~1', '/').replaceAll('~0', '~'))
    if (!next) return found
    found = next
  }
  return found
}

function stepInto(value: Value, step: string): Found | undefined {
  if (value.kind === 'map') return value.entries.get(step)
  const item = value.kind === 'list' ? value.items[Number(step)] : undefined
  return item && { value: item }
}
