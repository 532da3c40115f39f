import type { PlacedText } from './text-place.ts'
import type { Value } from './value.ts'
import { COLON_FIRST, COLON_LAST, CONTROL, refuse, TAB, TOO_DEEP, TOO_MANY } from './yaml-refusals.ts'

const MAX_DEPTH = 200
const MAX_NODES = 100_000
// A file with more lexemes than this has too many nodes, and is refused before the slow part begins.
const MAX_LEXEMES = 4 * MAX_NODES

/** A value and how large it is with its aliases written out. Aliases share their value, so a bomb is counted and never built. */
export interface Sized {
  readonly value: Value
  readonly nodes: number
  readonly depth: number
}

export function sized(value: Value, insides: readonly Sized[]): Sized {
  const nodes = insides.reduce((sum, inside) => sum + inside.nodes, 1)
  const depth = insides.reduce((most, inside) => Math.max(most, inside.depth), 0) + 1
  return { value, nodes, depth }
}

export function checkSize(text: PlacedText, start: number, { nodes, depth }: Sized): void {
  if (nodes > MAX_NODES) refuse(text, start, TOO_MANY)
  if (depth > MAX_DEPTH) refuse(text, start, TOO_DEEP)
}

/** What go-yaml allows in a file (readerc.go), whatever it stands in. */
export function checkCharacters(text: PlacedText): void {
  const start = text.text.search(/[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u)
  if (start >= 0) refuse(text, start, CONTROL)
}

// What the lexer of yaml 2.9.1 sends before each text without quotes, and before each document.
const PLAIN = '\u001f'
const DOCUMENT = '\u0002'

/** Where the parser is; its stack holds the collections that are still open. */
interface Progress {
  readonly offset: number
  readonly stack: readonly { readonly type: string }[]
}

/** Ends what would take the parser too long or too deep, and finds the tabs and colons that only Go refuses. */
export function lexemeWatch(text: PlacedText, parser: Progress): (lexeme: string) => void {
  let count = 0
  let atLineStart = true
  let past: readonly [string, string, string] = ['', '', '']
  const inBrackets = () => parser.stack.some(token => token.type === 'flow-collection')
  return lexeme => {
    if (atLineStart && /^ *\t/.test(lexeme) && !inBrackets()) refuse(text, parser.offset, TAB)
    if (past[2] === PLAIN && lexeme.startsWith(':') && inBrackets()) refuse(text, parser.offset, COLON_FIRST)
    if (past[0] === PLAIN && past[2] === ':' && /^[{[]$/.test(lexeme) && inBrackets()) refuse(text, parser.offset, COLON_LAST)
    past = [past[1], past[2], lexeme]
    if (parser.stack.length > MAX_DEPTH + 2) refuse(text, parser.offset, TOO_DEEP)
    if (++count > MAX_LEXEMES) refuse(text, parser.offset, TOO_MANY)
    if (lexeme !== DOCUMENT && !/^ +$/.test(lexeme)) atLineStart = /^(\r?\n|-|\?)$/.test(lexeme)
  }
}
