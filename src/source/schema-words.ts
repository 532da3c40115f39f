import { nearest } from '../core/nearest.ts'
import type { Found } from './paths.ts'
import type { SchemaError } from './schema-error.ts'
import type { Value } from './value.ts'

/** A schema error as a person would say it. The value of an environment variable is never in it. */
export function say(error: SchemaError, found: Found): string {
  const say = WORDS[error.keyword]
  return say ? say(error, found) : (error.message ?? 'not valid here')
}

const WORDS: Readonly<Record<string, (error: SchemaError, found: Found) => string>> = {
  type: (error, found) => {
    const expected = error.parentSchema?.['x-expected']
    return typeof expected === 'string' ? `expected ${expected}, got ${show(found.value)}` : expectedOneOf(error, found)
  },
  enum: expectedOneOf,
  const: expectedOneOf,
  required: ({ params }) => `${either(ticked(params.missingProperty))} is missing`,
  dependentRequired: ({ params }) => `${either(ticked(params.missingProperty))} is missing: it goes with \`${params.property}\``,
  pattern: (error, { value }) => `expected ${describe(error) ?? `text that matches ${error.params.pattern}`}, got ${show(value)}`,
  format: (error, { value }) => `expected ${describe(error) ?? `the format ${error.params.format}`}, got ${show(value)}`,
  minItems: ({ params }) => `needs at least ${count(params.limit, 'item')}`,
  maxItems: ({ params }) => `takes at most ${count(params.limit, 'item')}`,
  minProperties: ({ params }) => `needs at least ${count(params.limit, 'key')}`,
  minLength: ({ params }) => (params.limit === 1 ? 'must not be empty' : `needs at least ${count(params.limit, 'character')}`),
  maxLength: ({ params }) => `takes at most ${count(params.limit, 'character')}`,
  uniqueItems: ({ params }) => `items ${Number(params.j) + 1} and ${Number(params.i) + 1} are the same`,
  minimum: ({ params }, { value }) => `must be at least ${params.limit}, got ${show(value)}`,
  maximum: ({ params }, { value }) => `must be at most ${params.limit}, got ${show(value)}`,
  exclusiveMinimum: ({ params }, { value }) => `must be more than ${params.limit}, got ${show(value)}`,
  exclusiveMaximum: ({ params }, { value }) => `must be less than ${params.limit}, got ${show(value)}`,
  oneOf: () => 'fits none, or more than one, of the forms that are allowed here',
  anyOf: () => 'fits none of the forms that are allowed here',
  not: () => 'not allowed here',
  'false schema': (_, { key }) => `${key === undefined ? 'this' : `\`${key}\``} is not allowed here`,
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
}

function expectedOneOf({ params }: SchemaError, { value }: Found): string {
  const types = listed(params.type).filter(type => type !== 'null')
  const values = listed(params.allowedValues ?? params.allowedValue)
  const expected = [...values.map(choice => `\`${choice}\``), ...types.map(type => TYPES[String(type)] ?? String(type))]
  const written = value.kind === 'scalar' && !value.fromEnvironment ? nearest(value.text, values.map(String)) : undefined
  return `expected ${either(expected)}, got ${show(value)}${written ? `; did you mean \`${written}\`?` : ''}`
}

// `x-expected` is made for this; a description is a sentence on its own.
function describe({ parentSchema }: SchemaError): string | undefined {
  const { 'x-expected': expected, description } = parentSchema ?? {}
  if (typeof expected === 'string') return expected
  return typeof description === 'string'
    ? description.charAt(0).toLowerCase() + description.slice(1).replace(/\.$/, '')
    : undefined
}

/** A value for a message: short, and only what the file itself says. */
export function show(value: Value): string {
  if (value.kind !== 'scalar') return `a ${value.kind}`
  if (value.fromEnvironment) return 'what an environment variable or reference says'
  if (value.value === null) return 'nothing'
  const text = value.text.length > 40 ? `${value.text.slice(0, 39)}…` : value.text
  return typeof value.value === 'string' ? `the text \`${text}\`` : `\`${text}\``
}

const listed = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value])
const ticked = (value: unknown) => listed(value).map(name => `\`${name}\``)
const count = (limit: unknown, noun: string) => `${limit} ${noun}${limit === 1 ? '' : 's'}`

function either(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
}
