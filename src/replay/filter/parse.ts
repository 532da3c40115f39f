import { parseDuration } from '../../core/duration.ts'
import type { Wanted } from '../transform/items.ts'
import { ATTRIBUTES, anyAttribute, FIELDS, type Field, type Plain, type Read } from './fields.ts'
import { FilterProblem } from './problem.ts'
import { type Token, tokensOf } from './tokens.ts'

/**
 *   filter     = all { "||" all }
 *   all        = one { "&&" one }
 *   one        = "!" one | "(" filter ")" | field [ operator value | "in" "[" value { "," value } "]" ]
 *   operator   = "==" | "!=" | "=~" | "!~" | "<" | "<=" | ">" | ">="
 *   field      = name | ( "resource" | "scope" | "attributes" ) "[" text "]"
 *   value      = text | number | duration | word
 *
 * A name that is none of `fields.ts` is an attribute, looked for in the item, its scope and its resource. A field alone asks
 * whether it is there. What an item does not have equals nothing: `!=` and `!~` hold for it, the others do not.
 * Throws a FailoverctlError with the place marked.
 */
export function parseFilter(text: string): Wanted {
  try {
    return new Parser(tokensOf(text)).whole()
  } catch (error) {
    throw error instanceof FilterProblem ? error.toError(text) : error
  }
}

/** A value as numbers from-to, or as text or truth that must be equal. */
type Value = { readonly low: number; readonly high: number } | { readonly same: Plain }

type Test = (value: Plain, wanted: Value) => boolean

const equal: Test = (value, wanted) =>
  'same' in wanted ? value === wanted.same : typeof value === 'number' && value >= wanted.low && value <= wanted.high
const ordered =
  (test: (value: number, low: number, high: number) => boolean): Test =>
  (value, wanted) =>
    'low' in wanted && typeof value === 'number' && test(value, wanted.low, wanted.high)

const TESTS: ReadonlyMap<string, Test> = new Map([
  ['==', equal],
  ['<', ordered((value, low) => value < low)],
  ['<=', ordered((value, _, high) => value <= high)],
  ['>', ordered((value, _, high) => value > high)],
  ['>=', ordered((value, low) => value >= low)],
])

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  whole(): Wanted {
    const wanted = this.#any()
    if (this.#next.kind !== 'end') throw this.#expected('&&, || or the end')
    return wanted
  }

  get #next(): Token {
    return this.#tokens[this.#at] as Token
  }

  #any(): Wanted {
    const parts = this.#joined('||', () => this.#all())
    return parts.length === 1 ? (parts[0] as Wanted) : item => parts.some(part => part(item))
  }

  #all(): Wanted {
    const parts = this.#joined('&&', () => this.#one())
    return parts.length === 1 ? (parts[0] as Wanted) : item => parts.every(part => part(item))
  }

  #joined(sign: string, part: () => Wanted): Wanted[] {
    const parts = [part()]
    while (this.#takes(sign)) parts.push(part())
    return parts
  }

  #one(): Wanted {
    if (this.#takes('!')) {
      const inner = this.#one()
      return item => !inner(item)
    }
    if (this.#takes('(')) {
      const inner = this.#any()
      this.#demand(')')
      return inner
    }
    return this.#comparison()
  }

  #comparison(): Wanted {
    const field = this.#field()
    const { text } = this.#next
    if (this.#takes('=~')) return this.#pattern(field.read)
    if (this.#takes('!~')) {
      const matches = this.#pattern(field.read)
      return item => !matches(item)
    }
    if (this.#takes('in')) return this.#list(field)
    if (this.#takes('!=')) {
      const wanted = this.#value(field)
      return item => !field.read(item).some(value => equal(value, wanted))
    }
    const test = TESTS.get(text)
    if (!test) return item => field.read(item).length > 0
    this.#at++
    const place = this.#next
    const wanted = this.#value(field)
    if (test !== equal && 'same' in wanted) throw new FilterProblem(`${text} compares numbers`, place.from)
    return item => field.read(item).some(value => test(value, wanted))
  }

  #field(): Field {
    const { kind, text } = this.#next
    if (kind !== 'word' || text === 'in') throw this.#expected('a field, such as service.name')
    this.#at++
    const inside = ATTRIBUTES.get(text)
    if (!inside || !this.#takes('[')) return FIELDS.get(text) ?? { read: anyAttribute(text) }
    const name = this.#next
    if (name.kind !== 'text') throw this.#expected(`the name of an attribute in quotes, such as ${text}["http.route"]`)
    this.#at++
    this.#demand(']')
    return { read: inside(unquoted(name)) }
  }

  #pattern(read: Read): Wanted {
    const token = this.#next
    if (token.kind !== 'text') throw this.#expected('a pattern in quotes')
    this.#at++
    const pattern = compiled(token)
    return item => read(item).some(value => pattern.test(String(value)))
  }

  #list(field: Field): Wanted {
    this.#demand('[')
    const wanted = [this.#value(field)]
    while (this.#takes(',')) wanted.push(this.#value(field))
    this.#demand(']')
    return item => field.read(item).some(value => wanted.some(one => equal(value, one)))
  }

  #value({ names, isDuration }: Field): Value {
    const token = this.#next
    const { kind, text, from } = token
    if (kind === 'end' || kind === 'sign') throw this.#expected('a value')
    this.#at++
    if (kind === 'number') return { low: Number(text), high: Number(text) }
    if (isDuration) {
      const ms = parseDuration(kind === 'text' ? unquoted(token) : text)
      if (ms === undefined) throw new FilterProblem('expected a duration, such as 500ms', from)
      return { low: ms, high: ms }
    }
    if (names) {
      const range = names.get((kind === 'text' ? unquoted(token) : text).toUpperCase())
      if (!range) throw new FilterProblem(`expected one of ${[...names.keys()].join(', ')}`, from)
      return { low: range[0], high: range[1] }
    }
    if (kind === 'text') return { same: unquoted(token) }
    if (text === 'true' || text === 'false') return { same: text === 'true' }
    throw new FilterProblem('expected a value: text stands in quotes', from)
  }

  #takes(text: string): boolean {
    const { kind, text: found } = this.#next
    if (found !== text || kind === 'text') return false
    this.#at++
    return true
  }

  #demand(text: string): void {
    if (!this.#takes(text)) throw this.#expected(text)
  }

  #expected(what: string): FilterProblem {
    return new FilterProblem(`expected ${what}`, this.#next.from)
  }
}

const unquoted = ({ text }: Token): string => text.slice(1, -1).replace(/\\(["'\\])/g, '$1')

function compiled(token: Token): RegExp {
  try {
    return new RegExp(unquoted(token), 'u')
  } catch (error) {
    throw new FilterProblem((error as Error).message.replace(/^Invalid regular expression: /, 'no pattern: '), token.from)
  }
}
