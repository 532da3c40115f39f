import { FilterProblem } from './problem.ts'

/** A piece of a filter, with where it stands. */
export interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'duration' | 'sign' | 'end'
  readonly text: string
  readonly from: number
  readonly to: number
}

const PIECES: readonly (readonly [Token['kind'], RegExp])[] = [
  ['text', /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/y],
  ['duration', /\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h)\b/y],
  ['number', /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/y],
  ['word', /[A-Za-z_][\w.\-/]*/y],
  ['sign', /&&|\|\||==|!=|=~|!~|<=|>=|[<>!()[\],]/y],
]

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    while (/\s/.test(text[at] ?? '')) at++
    const next = tokenAt(text, at)
    tokens.push(next)
    if (next.kind === 'end') return tokens
    at = next.to
  }
}

function tokenAt(text: string, at: number): Token {
  if (at >= text.length) return { kind: 'end', text: '', from: text.length, to: text.length }
  for (const [kind, pattern] of PIECES) {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) return { kind, text: found, from: at, to: at + found.length }
  }
  if (/["']/.test(text[at] as string)) throw new FilterProblem('this text has no closing quote', at)
  const meant = MEANT.get(text[at] as string)
  throw new FilterProblem(meant ? `did you mean ${meant}?` : `${text[at]} means nothing here`, at)
}

const MEANT: ReadonlyMap<string, string> = new Map([
  ['=', '=='],
  ['&', '&&'],
  ['|', '||'],
])
