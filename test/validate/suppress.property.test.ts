import fc from 'fast-check'
import { expect, test } from 'vitest'
import { comments } from '../../src/source/comments.ts'
import { suppress } from '../../src/validate/suppress.ts'

// No control characters: the reader refuses a file with one.
const pieces = fc.constantFrom(
  '# failoverctl-disable same-backend -- x',
  '# failoverctl-disable-line',
  ' -- ',
  ',',
  '\n',
  '\r\n',
  '\r',
  '  ',
  '"',
  "'",
  '|\n',
  '>-\n',
  '{',
  '}',
  '[',
  ']',
  'a: ',
  '- ',
  '&x ',
  '*x ',
  '!!str ',
  '---\n',
  '...\n',
  '# ',
  'service:\n',
  '\t',
  '\ufeff',
  '\u2028',
  '?',
  '😀',
)
const texts = fc.array(pieces, { maxLength: 40 }).map(parts => parts.join(''))

test('whatever a file holds, each comment is where it says', () => {
  fc.assert(
    fc.property(texts, text => {
      const lines = text.split(/\r\n|\r|\n/)
      for (const { line, column, text: comment } of comments(text)) {
        const first = comment.trimEnd()
        expect(lines[line - 1]?.slice(column - 1, column - 1 + first.length)).toBe(first)
      }
    }),
    { seed: 1, numRuns: 3000 },
  )
})

test('whatever a file holds, suppressing ends, and what is found about comments has a place in it', () => {
  fc.assert(
    fc.property(texts, text => {
      const { findings } = suppress([], new Map([['a.yaml', text]]), new Set())
      const lines = text.split(/\r\n|\r|\n/)
      for (const { at } of findings) expect(lines[at.line - 1]?.length).toBeGreaterThanOrEqual(at.column - 1 + at.length)
    }),
    { seed: 2, numRuns: 3000 },
  )
})
