import { nearest } from '../core/nearest.ts'
import { atPointer, type Found } from './paths.ts'
import type { SchemaError } from './schema-error.ts'
import { withoutNoise } from './schema-noise.ts'
import { say, show } from './schema-words.ts'
import type { At, Note, Value } from './value.ts'

/** What a JSON Schema has against a file, in plain words, where the file says it. */
export function schemaNotes(root: Value, errors: readonly SchemaError[]): Note[] {
  const notes = withoutNoise(root, errors).map(error => noteOf(error, atPointer(root, error.instancePath)))
  return Array.from(new Map(notes.map(note => [JSON.stringify([note.at, note.message]), note])).values())
}

function noteOf(error: SchemaError, found: Found): Note {
  const note = { id: 'schema', severity: 'error' } as const
  const unknown = error.params.additionalProperty ?? error.params.unevaluatedProperty ?? error.params.propertyName
  if (typeof unknown === 'string')
    return { ...note, at: keyPlace(found.value, unknown), message: unknownKey(error, found.value, unknown) }
  if (isBoundless(found.value))
    return {
      ...note,
      severity: 'warning',
      at: found.value.at,
      message: `${show(found.value)} becomes another number on each kind of machine`,
    }
  return { ...note, at: wantsKey(error) ? (found.keyAt ?? found.value.at) : found.value.at, message: say(error, found) }
}

// Go leaves to the machine which whole number `.inf` and `.nan` turn into (Go specification, Conversions).
const isBoundless = (value: Value) => value.kind === 'scalar' && typeof value.value === 'number' && !Number.isFinite(value.value)

// What is missing, or should not be there at all, has no better place than the key.
const wantsKey = ({ keyword }: SchemaError) =>
  ['required', 'dependentRequired', 'minProperties', 'false schema', 'not'].includes(keyword)

const keyPlace = (value: Value, key: string): At => (value.kind === 'map' && value.entries.get(key)?.keyAt) || value.at

function unknownKey({ parentSchema }: SchemaError, value: Value, key: string): string {
  if (value.fromEnvironment) return 'unknown key in what an environment variable or reference says'
  const taken = value.kind === 'map' ? value.entries : undefined
  const known = Object.keys((parentSchema?.properties as object | undefined) ?? {}).filter(name => !taken?.has(name))
  const meant = nearest(key, known)
  return `unknown key \`${key}\`${meant ? `; did you mean \`${meant}\`?` : ''}`
}
