import { Lexer } from 'yaml'

/** A comment of a YAML file, from its `#` to the end of the line. Lines and columns count from 1. */
export interface Comment {
  readonly line: number
  readonly column: number
  readonly text: string
  /** Nothing else stands on its line. */
  readonly alone: boolean
}

/** Lexemes that stand for no character: a document begins, a bracket is never closed, a scalar follows. */
const MARKERS = ['\u0002', '\u0018', '\u001f']
const SCALAR_FOLLOWS = '\u001f'

/** A block of text that is a collector config itself, as in a ConfigMap. */
const INNER_CONFIG = /^\s*service\s*:/m

/**
 * All comments, in order. A `#` inside quotes, a block of text or a plain word begins none; a config that stands as a block of
 * text inside of another file has comments of its own.
 */
export function* comments(text: string): Generator<Comment> {
  const lines = text.replace(/\r(?!\n)/g, '\n')
  let [offset, line, lineStart, previous] = [0, 1, 0, '']
  for (const lexeme of new Lexer().lex(lines)) {
    if (lexeme.startsWith('#') && previous !== SCALAR_FOLLOWS) {
      const alone = lines.slice(lineStart, offset).trim() === ''
      yield { line, column: offset - lineStart + 1, text: lexeme, alone }
    }
    if (previous === SCALAR_FOLLOWS && offset === lineStart && INNER_CONFIG.test(lexeme)) {
      for (const comment of comments(lexeme)) yield { ...comment, line: line + comment.line - 1 }
    }
    previous = lexeme
    if (MARKERS.includes(lexeme)) continue
    for (let newline = lexeme.indexOf('\n'); newline >= 0; newline = lexeme.indexOf('\n', newline + 1)) {
      line++
      lineStart = offset + newline + 1
    }
    offset += lexeme.length
  }
}
