/** Where a key or value stands in a file, for a person: lines and columns count from 1. */
export interface At {
  readonly file: string
  readonly line: number
  readonly column: number
  /** In UTF-16 units on that one line; at least 1. */
  readonly length: number
}

/** A value of a config file that knows where it came from, after references are expanded and files are merged. */
export type Value = MapValue | ListValue | ScalarValue

export interface MapValue {
  readonly kind: 'map'
  readonly at: At
  readonly entries: ReadonlyMap<string, Entry>
  /** What a reference gave for all of it: a setting that wants text takes this instead. */
  readonly text?: string
  /** As for a scalar: its keys may be secrets too. */
  readonly fromEnvironment?: boolean
}

export interface Entry {
  readonly key: string
  readonly keyAt: At
  readonly value: Value
}

export interface ListValue {
  readonly kind: 'list'
  readonly at: At
  readonly items: readonly Value[]
  /** What a reference gave for all of it: a setting that wants text takes this instead. */
  readonly text?: string
  readonly fromEnvironment?: boolean
}

export interface ScalarValue {
  readonly kind: 'scalar'
  readonly at: At
  readonly value: string | number | boolean | null
  /** How it is spelled after expansion: `0123` stays `0123` for a setting that wants text. */
  readonly text: string
  /** True when an environment variable put it there: it may be a secret and is never shown. */
  readonly fromEnvironment: boolean
  /** It stands inside of what a reference gave: the collector knows how all of that was spelled, and not this. */
  readonly isPart?: boolean
  /** What it refers to is not set, or not read, here: where the collector runs it may be anything. */
  readonly isUnknown?: boolean
}

/** A remark of the reader that does not stop it, such as an unset environment variable. */
export interface Note {
  readonly at: At
  readonly id: string
  readonly severity: 'error' | 'warning' | 'info'
  readonly message: string
  /** A reference that is written wrong, and how it is written right. */
  readonly meant?: { readonly from: string; readonly to: string }
}

/** The value at a path of keys and indices, or undefined where the path ends early. */
export function lookup(value: Value | undefined, ...path: readonly (string | number)[]): Value | undefined {
  return path.reduce<Value | undefined>((inside, step) => {
    if (inside?.kind === 'map') return inside.entries.get(String(step))?.value
    if (inside?.kind === 'list') return inside.items[Number(step)]
    return undefined
  }, value)
}

/** The same data without positions, for a JSON Schema. Keys named `__proto__` stay plain keys. */
export function plain(value: Value): unknown {
  if (value.kind === 'scalar') return value.value
  if (value.kind === 'list') return value.items.map(plain)
  return Object.fromEntries(Array.from(value.entries, ([key, entry]) => [key, plain(entry.value)]))
}
