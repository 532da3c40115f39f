import { expect, test } from 'vitest'
import { resolvePlain, resolveTagged } from '../../src/source/resolve-scalar.ts'

test.each([
  ['', null],
  ['~', null],
  ['Null', null],
  ['nULL', 'nULL'],
  ['true', true],
  ['FALSE', false],
  ['yes', 'yes'],
  ['off', 'off'],
  ['12', 12],
  ['+5', 5],
  ['-5', -5],
  ['0777', 511],
  ['0o777', 511],
  ['0888', 888],
  ['0b101', 5],
  ['-0x1F', -31],
  ['0x', '0x'],
  ['1_000', 1000],
  ['_1', '_1'],
  ['18446744073709551615', 2 ** 64],
  ['99999999999999999999', 1e20],
  ['0xFFFFFFFFFFFFFFFFFF', '0xFFFFFFFFFFFFFFFFFF'],
  ['1.', 1],
  ['.5', 0.5],
  ['.5_1', 0.51],
  ['+.5e1', 5],
  ['1e400', '1e400'],
  ['12e', '12e'],
  ['-.inf', Number.NEGATIVE_INFINITY],
  ['.NaN', Number.NaN],
  ['1:30', '1:30'],
  ['2001-12-14', '2001-12-14'],
  ['5s', '5s'],
])('the plain word %j is read as %j', (text, value) => {
  expect(resolvePlain(text)).toStrictEqual(value)
})

test.each([
  ['int', '5', 5],
  ['int', 'x', undefined],
  ['int', '5.5', undefined],
  ['float', '5', 5],
  ['float', '1e3', 1000],
  ['str', '5', '5'],
  ['bool', 'true', true],
  ['bool', 'yes', undefined],
  ['null', '', null],
  ['null', 'x', undefined],
])('the tag !!%s makes %j into %j', (tag, text, value) => {
  expect(resolveTagged(`tag:yaml.org,2002:${tag}`, text)).toBe(value)
})

test('a tag of one’s own leaves the text as it is', () => expect(resolveTagged('!secret', '5')).toBe('5'))
