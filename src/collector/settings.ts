import { readDuration } from '../source/duration.ts'
import { type At, lookup, type Value } from '../source/value.ts'

/** A setting and where it is said; `stated` is false when it is the component's default and `at` is the component. */
export interface Setting<T> {
  readonly value: T
  readonly at: At
  readonly stated: boolean
}

/**
 * Reads settings of one component. A value of the wrong type counts as not said:
 * the schema reports it, and the graph goes on with the default.
 */
export function settingsOf(component: { readonly at: At; readonly settings: Value | undefined }) {
  const read = <T>(path: string, fallback: T, convert: (value: Value) => T | undefined): Setting<T> => {
    const found = lookup(component.settings, ...path.split('.'))
    const value = found && convert(found)
    return found && value !== undefined
      ? { value, at: found.at, stated: true }
      : { value: fallback, at: component.at, stated: false }
  }
  return {
    /** Whether the section is written at all, even empty (`sending_queue:` and `sending_queue: {}` both count). */
    section: (path: string): Value | undefined => lookup(component.settings, ...path.split('.')),
    /** Where the key of a setting stands, when it is written. */
    key: (path: string): At | undefined => keyAt(component.settings, path.split('.')),
    boolean: (path: string, fallback: boolean) => read(path, fallback, value => scalar(value, 'boolean')),
    number: (path: string, fallback: number) => read(path, fallback, value => scalar(value, 'number')),
    text: (path: string, fallback: string) => read(path, fallback, asText),
    /** Milliseconds. A bare integer means nanoseconds, as it does to the collector. */
    duration: (path: string, fallback: number) => read(path, fallback, value => readDuration(value)?.ms),
  }
}

/** Where the last of a path of keys stands, when all of it is written. */
export function keyAt(value: Value | undefined, path: readonly string[]): At | undefined {
  const map = lookup(value, ...path.slice(0, -1))
  return map?.kind === 'map' ? map.entries.get(path.at(-1) as string)?.keyAt : undefined
}

export const asText = (value: Value | undefined): string | undefined =>
  value?.kind === 'scalar' && value.value !== null ? value.text : undefined

function scalar(value: Value, type: 'boolean'): boolean | undefined
function scalar(value: Value, type: 'number'): number | undefined
function scalar(value: Value, type: 'boolean' | 'number') {
  return value.kind === 'scalar' && typeof value.value === type ? value.value : undefined
}
