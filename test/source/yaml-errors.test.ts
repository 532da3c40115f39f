import { expect, test } from 'vitest'
import type { FailoverctlError } from '../../src/core/errors.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import { failure } from './failure.ts'

const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
for (const [index, name] of [...'bcdefgh'].entries()) bomb.push(`${name}: &${name} [${Array(10).fill(`*${'abcdefg'[index]}`)}]`)

test.each([
  ['a tab before a key', 'a:\n\tb: 1', '2:1: a tab is used for indentation'],
  ['a tab before all of it', '\t{a: 1}', '1:1: a tab is used for indentation'],
  ['a tab behind a space', 'a:\n \tb: 1', '2:2: a tab is used for indentation'],
  ['a tab on an empty line', 'a: 1\n\t\nb: 2', '2:1: a tab is used for indentation'],
  ['a tab behind a dash', '-\tx', '1:2: a tab is used for indentation'],
  ['a key said twice', 'a: 1\nb: 2\n"a": 3', '3:1: `a` is already on line 1'],
  ['two merges', '<<: {a: 1}\n<<: {b: 1}', '2:1: `<<` is already on line 1'],
  ['an unknown alias', 'a: *y', '1:4: unknown alias *y'],
  ['an alias before its anchor', 'a: *y\nb: &y 1', '1:4: unknown alias *y'],
  ['an anchor that contains itself', 'a: &b [*b]', '1:8: the value of &b contains itself'],
  ['an alias bomb', bomb.join('\n'), '5:7: more values than any config has, aliases written out'],
  ['a merge of a text', 'a: {<<: x}', '1:5: `<<` takes a map or a list of maps'],
  ['a merge of a list behind an alias', 'l: &l [{a: 1}]\nb: {<<: *l}', '2:5: `<<` takes a map or a list of maps'],
  ['a map as a key', '{a: 1}: 2', '1:1: a list or map cannot be a key'],
  ['no key', ': x', '1:1: no key before the `:`'],
  ['a tag that does not fit', 'a: !!int x', '1:10: `x` does not fit its tag'],
  ['a bracket that stays open', 'a: [1, 2', '1:9: a list in brackets is not closed'],
  ['a brace that stays open', 'a: {b: 1', '1:9: a map in brackets is not closed'],
  ['a quote that stays open', 'a: "x', '1:6: not valid YAML: missing closing "quote'],
  ['two keys on one line', 'a: b: c', '1:4: a second key on one line'],
  ['a key without a colon', 'a: 1\nb\nc: 2', '2:1: a key without a `:`'],
  ['a reserved character', 'a: @x', '1:4: not valid YAML: plain value cannot start with reserved character @'],
  ['a control character', 'a: \u0007', '1:4: a control character stands here'],
  ['content behind the first value', 'a: 1\n]', '2:1: not valid YAML: unexpected flow-seq-end token in YAML stream: "]"'],
  ['100000 open brackets', '['.repeat(100_000), '1:203: nested too deeply'],
  ['100000 dashes', '- '.repeat(100_000), '1:404: nested too deeply'],
  ['aliases that nest deeper and deeper', deepAliases(), '3:73: nested too deeply'],
])('it refuses %s', async (_, text, message) => {
  expect(await failure(() => readYaml('config.yaml', text))).toBe(`not-yaml: config.yaml:${message}`)
})

test('every refusal says what to do', () => {
  expect.assertions(1)
  try {
    readYaml('config.yaml', 'a: 1\na: 2')
  } catch (error) {
    expect((error as FailoverctlError).hint).toBe('Keep one of them, or join what they say: a key can stand in a map only once.')
  }
})

function deepAliases(): string {
  const deep = (inside: string) => '['.repeat(90) + inside + ']'.repeat(90)
  return `a: &a ${deep('')}\nb: &b ${deep('*a')}\nc: ${deep('*b')}`
}
