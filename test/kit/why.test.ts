import { expect, test } from 'vitest'
import { agentConfig } from '../../src/kit/agent.ts'
import { gatewayConfig } from '../../src/kit/gateway.ts'
import { explained, plainText } from '../../src/kit/why.ts'
import { SHAPES, type Shape } from '../../src/kit/wish.ts'
import { wishFor } from './wishes.ts'

const TEXT = `a: #! the first
  b: 1
  c: 2 #! a reason of its own
    d: 3

e: 4
`

test('a line without a reason has that of the line it belongs to', () => {
  expect(explained(TEXT).map(({ line, text, own, why }) => [line, text, own, why])).toEqual([
    [1, 'a:', 'the first', 'the first'],
    [2, '  b: 1', '', 'the first'],
    [3, '  c: 2', 'a reason of its own', 'a reason of its own'],
    [4, '    d: 3', '', 'a reason of its own'],
    [5, '', '', ''],
    [6, 'e: 4', '', ''],
  ])
})

test('what is written has no reasons in it', () => {
  expect(plainText(TEXT)).toBe('a:\n  b: 1\n  c: 2\n    d: 3\n\ne: 4\n')
})

test.each(Object.keys(SHAPES) as Shape[])('every line of the configs of %s has a reason', shape => {
  const wish = wishFor(shape, 'file')
  const lines = [gatewayConfig(wish), agentConfig(wish, 'http://gateway:4318')].flatMap(explained)
  expect(lines.length).toBeGreaterThan(100)
  expect(lines.filter(({ text, why }) => why === '' && text !== '' && !text.trim().startsWith('#'))).toEqual([])
})
