import { compile, type JSONPathQuery } from 'json-p3'
import { parseDuration } from '../core/duration.ts'
import { OPERATORS, type Operator } from './operators.ts'

/** What a number counts: a plain count, a share (0 to 1), seconds or bytes. */
export type Unit = 'plain' | 'share' | 'seconds' | 'bytes'

export interface Amount {
  readonly value: number
  readonly unit: Unit
}

/** What a probe may find, as Chaos Toolkit words it. `text` is how a person reads it, after what was looked at. */
export type Tolerance = { readonly text: string } & (
  | { readonly kind: 'compare'; readonly operator: Operator; readonly amount: Amount }
  | { readonly kind: 'range'; readonly from: Amount; readonly to: Amount }
  | { readonly kind: 'same'; readonly value: string | boolean }
  | { readonly kind: 'one-of'; readonly values: readonly (string | number | boolean)[] }
  | { readonly kind: 'regex'; readonly pattern: RegExp }
  | { readonly kind: 'jsonpath'; readonly path: JSONPathQuery; readonly then: Tolerance | undefined }
)

/** What a tolerance could not be read from, and what was expected; the reader adds the place. */
export class NoTolerance extends Error {}

/**
 * A value, a list `[from, to]` (both included) or of more than two values, a comparison such as `< 5s` or `>= 80%`,
 * `{regex: …}`, or `{jsonpath: …, tolerance: …}`. Throws `NoTolerance`.
 */
export function parseTolerance(given: unknown): Tolerance {
  if (typeof given === 'number') return compare('==', { value: given, unit: 'plain' }, String(given))
  if (typeof given === 'boolean') return { kind: 'same', value: given, text: `is ${given}` }
  if (typeof given === 'string') return fromText(given)
  if (Array.isArray(given)) return fromList(given)
  if (typeof given === 'object' && given !== null) return fromMap(given as Readonly<Record<string, unknown>>)
  throw new NoTolerance('expected a value, a list, a comparison such as `< 5s`, `regex` or `jsonpath`')
}

const compare = (operator: Operator, amount: Amount, text: string): Tolerance => ({
  kind: 'compare',
  operator,
  amount,
  text: `${operator} ${text}`,
})

function fromText(given: string): Tolerance {
  const [, operator, rest = ''] = /^\s*(<=|>=|==|!=|<|>|=)\s*(.*?)\s*$/s.exec(given) ?? []
  if (operator !== undefined) {
    const amount = parseAmount(rest)
    if (amount && operator !== '=') return compare(operator as Operator, amount, rest)
    const what = operator === '=' ? 'expected `==`' : 'expected a number after the comparison, such as `< 5s`, `<= 80%` or `== 0`'
    throw new NoTolerance(`${what}, got \`${given}\``)
  }
  const amount = parseAmount(given.trim())
  return amount ? compare('==', amount, given.trim()) : { kind: 'same', value: given, text: `is \`${given}\`` }
}

function fromList(given: readonly unknown[]): Tolerance {
  const amounts = given.map(amountOf)
  if (given.length === 2 && amounts.every(amount => amount !== undefined)) return range(amounts as [Amount, Amount], given)
  const isPlain = (value: unknown): value is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof value)
  if (given.length === 0 || !given.every(isPlain)) throw new NoTolerance('expected a list of values, or a range [from, to]')
  return { kind: 'one-of', values: given, text: `is one of ${given.join(', ')}` }
}

function range([from, to]: readonly [Amount, Amount], given: readonly unknown[]): Tolerance {
  if (from.unit !== to.unit) throw new NoTolerance(`expected a range whose ends have the same unit, got ${given.join(' and ')}`)
  if (from.value > to.value)
    throw new NoTolerance(`expected a range from the lower to the higher end, got ${given.join(' and ')}`)
  return { kind: 'range', from, to, text: `from ${given[0]} to ${given[1]}` }
}

function fromMap(given: Readonly<Record<string, unknown>>): Tolerance {
  const { regex, jsonpath, range: ends, tolerance } = given
  if (typeof regex === 'string') return { kind: 'regex', pattern: pattern(regex), text: `matches /${regex}/` }
  if (typeof jsonpath === 'string') {
    const then = tolerance === undefined ? undefined : parseTolerance(tolerance)
    return { kind: 'jsonpath', path: path(jsonpath), then, text: `has ${jsonpath}${then ? `, which ${then.text}` : ''}` }
  }
  if (Array.isArray(ends) && ends.length === 2) return fromList(ends)
  throw new NoTolerance('expected `regex`, `jsonpath` or `range`')
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch (error) {
    throw new NoTolerance(`expected a regular expression: ${(error as Error).message}`)
  }
}

function path(text: string): JSONPathQuery {
  try {
    return compile(text)
  } catch (error) {
    throw new NoTolerance(`expected a JSONPath (RFC 9535) such as $.status: ${(error as Error).message}`)
  }
}

const amountOf = (given: unknown): Amount | undefined =>
  typeof given === 'number' ? { value: given, unit: 'plain' } : typeof given === 'string' ? parseAmount(given.trim()) : undefined

const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
}
/** Words that say what is counted and change nothing: `0 lost`. */
const COUNTED = /^(?:spans?|requests?|items?|lost|duplicated|refused)$/

/** `3`, `80%`, `5s`, `512 MiB`, `0 lost`; undefined for what is no amount. */
export function parseAmount(text: string): Amount | undefined {
  const [, digits, word = ''] = /^(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([A-Za-z%]*)$/.exec(text) ?? []
  if (digits !== undefined) {
    const value = Number(digits)
    if (word === '' || COUNTED.test(word)) return { value, unit: 'plain' }
    if (word === '%') return { value: value / 100, unit: 'share' }
    if (Object.hasOwn(BYTES, word)) return { value: value * (BYTES[word] as number), unit: 'bytes' }
  }
  const ms = parseDuration(text.replaceAll(' ', ''))
  return ms === undefined ? undefined : { value: ms / 1000, unit: 'seconds' }
}

/** What the value has to be measured in; `text` where it is no number. */
export function unitOf(tolerance: Tolerance): Unit | 'text' {
  if (tolerance.kind === 'compare') return tolerance.amount.unit
  if (tolerance.kind === 'range') return tolerance.from.unit
  return tolerance.kind === 'one-of' && tolerance.values.every(value => typeof value === 'number') ? 'plain' : 'text'
}

/** Whether what was found is within it. Text that is a number counts as one; `jsonpath` reads text as JSON. */
export function tolerates(tolerance: Tolerance, found: unknown): boolean {
  switch (tolerance.kind) {
    case 'compare':
      return isNumber(found) && OPERATORS[tolerance.operator](Number(found), tolerance.amount.value)
    case 'range':
      return isNumber(found) && Number(found) >= tolerance.from.value && Number(found) <= tolerance.to.value
    case 'same':
      return String(found).trim() === String(tolerance.value)
    case 'one-of':
      return tolerance.values.some(value => value === found || String(value) === String(found).trim())
    case 'regex':
      return tolerance.pattern.test(String(found))
    case 'jsonpath': {
      const matches = tolerance.path.query(asJson(found)).values()
      const { then } = tolerance
      return matches.length > 0 && (!then || matches.every(match => tolerates(then, match)))
    }
  }
}

const isNumber = (found: unknown): boolean =>
  typeof found === 'number' || (typeof found === 'string' && found.trim() !== '' && !Number.isNaN(Number(found)))

function asJson(found: unknown): Parameters<JSONPathQuery['query']>[0] {
  if (typeof found !== 'string') return (found ?? null) as never
  try {
    return JSON.parse(found)
  } catch {
    return null
  }
}
