import { expect, test } from 'vitest'
import { FailoverctlError } from '../../src/core/errors.ts'
import { expandReferences } from '../../src/source/expand.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import { lookup, plain } from '../../src/source/value.ts'
import { readMarks } from './marks.ts'

const ENV = {
  FIVE: '5',
  NAME: 'FIVE',
  EMPTY: '',
  WORD: 'x',
  OCTAL: '0123',
  YES: 'true',
  QUOTED: '"5"',
  COMMENT: 'abc # d',
  NOTHING: '# d',
  BROKEN: '[a',
  LIST: '[a, "${FIVE}"]',
  MAP: '{k: v, "${WORD}": "${env:UNSET:-d}"}',
  TWICE: '${env:FIVE}',
  INSIDE: 'pre-${FIVE}',
  DOLLARS: 'a$$b',
  DOLLAR: '$',
}

const expand = async (text: string, env: Record<string, string> = ENV) => expandReferences(readYaml('config.yaml', text), env)

// Each of these was compared with what the resolver of confmap v1.67.0 makes of it.
test.each([
  ['a variable', '${env:FIVE}', 5],
  ['a variable without a scheme', '${FIVE}', 5],
  ['a variable without braces', '$FIVE', '$FIVE'],
  ['a variable in a text', 'a-${env:FIVE}-${FIVE}', 'a-5-5'],
  ['an unset variable', '${env:UNSET}', null],
  ['an unset variable in a text', 'a-${env:UNSET}', 'a-'],
  ['a default', '${env:UNSET:-7}', 7],
  ['an empty default', '${env:UNSET:-}', ''],
  ['a default beside a set variable', '${env:FIVE:-7}', 5],
  ['a default beside an empty variable', '${env:EMPTY:-7}', null],
  ['a default that refers', '${env:UNSET:-${env:WORD}}', 'x'],
  ['a name that refers', '${env:${NAME}}', 5],
  ['octal digits', '${OCTAL}', 83],
  ['true', '${YES}', true],
  ['quotes in a variable', '${QUOTED}', '"5"'],
  ['a comment behind a text in a variable', '${COMMENT}', 'abc # d'],
  ['only a comment in a variable', '${NOTHING}', null],
  ['what is no YAML', '${BROKEN}', '[a'],
  ['a list', '${LIST}', ['a', 5]],
  ['a list in a text', 'x${LIST}', 'x[a, "5"]'],
  ['a map, whose keys are not expanded', '${MAP}', { k: 'v', '${WORD}': 'd' }],
  ['a variable that refers', '${TWICE}', 5],
  ['a variable that refers inside a text', '${INSIDE}', 'pre-5'],
  ['an escape', '$${FIVE}', '${FIVE}'],
  ['an escape before a reference', '$$${FIVE}', '$5'],
  ['two escapes', '$$$${FIVE}', '$${FIVE}'],
  ['dollars in a variable', '${DOLLARS}', 'a$b'],
  ['a dollar that makes a new reference', '${DOLLAR}{FIVE}', 5],
  ['braces that stay open', '${FIVE', '${FIVE'],
  ['braces that were never opened', 'FIVE}', 'FIVE}'],
  ['YAML', '${yaml:a: [1]}', { a: [1] }],
])('%s', async (_, text, value) => {
  const { value: root, notes } = await expand(`a: ${JSON.stringify(text)}`)
  expect(plain(root)).toStrictEqual({ a: value })
  expect(notes.filter(note => note.severity === 'error')).toStrictEqual([])
})

test('keys stay as they are', async () => expect(plain((await expand('${FIVE}: 1')).value)).toStrictEqual({ '${FIVE}': 1 }))

test('a variable is known by its text, its place and where it came from', async () => {
  const { text, marks } = readMarks('a: «${OCTAL}»')
  expect(lookup((await expand(text)).value, 'a')).toStrictEqual({
    kind: 'scalar',
    value: 83,
    text: '0123',
    at: marks[0],
    fromEnvironment: true,
    isUnknown: false,
  })
})

test('all that a variable holds stands where it is referred to, and a text is kept beside it', async () => {
  const { text, marks } = readMarks('a: «${LIST}»')
  const list = lookup((await expand(text)).value, 'a')
  expect(list).toMatchObject({ kind: 'list', text: '[a, "${FIVE}"]', at: marks[0] })
  expect(lookup(list, 0)).toMatchObject({ at: marks[0], fromEnvironment: true })
})

test('what no variable touched is not marked, even with an escape', async () => {
  expect(lookup((await expand('a: $$x')).value, 'a')).toMatchObject({ value: '$x', fromEnvironment: false })
})

test.each([
  ['a default without env:', '${FIVE:-7}', 'only `${env:FIVE:-…}`, with `env:`, takes a default'],
  ['a regular expression group', '${1}', '`1` is no name of an environment variable; write `$$` for a `$` that is text'],
  ['no name', '${env:}', '`` is no name of an environment variable; write `$$` for a `$` that is text'],
  [
    'an unknown scheme',
    '${vault:x}',
    'the Collector knows the schemes env, file, http, https and yaml, and no `vault`; write `$$` for a `$` that is text',
  ],
  ['a scheme of one letter', '${c:x}', 'it does not start with a scheme such as `env:`; write `$$` for a `$` that is text'],
  ['a dollar inside', '${env:A$B}', 'it contains a `$`'],
])('%s is an error, and stays as it is written', async (_, reference, reason) => {
  const { text, marks } = readMarks(`a: x «${reference}»\nb: \${FIVE}`)
  const { value, notes } = await expand(text)
  const message = `\`${reference}\`: ${reason}`
  expect(notes).toMatchObject([{ at: marks[0], id: 'bad-reference', severity: 'error', message }])
  expect(plain(value)).toStrictEqual({ a: `x ${reference}`, b: 5 })
})

test('an unset variable is remarked where it is named, also inside quotes', async () => {
  const { text, marks } = readMarks('a: "x «${UNSET}»"')
  const message = 'environment variable `UNSET` is not set: the value is empty'
  expect((await expand(text)).notes).toStrictEqual([{ at: marks[0], id: 'unset-variable', severity: 'info', message }])
})

test('a remark never shows what a variable holds', async () => {
  const { notes } = await expand('a: ${env:${WORD}}\nb: ${file:${WORD}}\nc: ${SECRET}', {
    WORD: 'hunter2',
    SECRET: '${no:hunter2}',
  })
  expect(notes).toHaveLength(3)
  expect(JSON.stringify(notes)).not.toContain('hunter2')
})

test.each([
  ['itself', { X: '${X}' }],
  ['itself in a list', { X: '["${X}"]' }],
  ['itself ever deeper', { X: `${'['.repeat(150)}"\${X}"${']'.repeat(150)}` }],
  ['itself twice', { X: '${X}${X}' }],
  ['itself twice in a list', { X: '["${X}", "${X}"]' }],
])('a variable that refers to %s ends with an error', async (_, env) => {
  const { notes } = await expand('a: ${X}\nb: 1', env)
  expect(notes[0]).toMatchObject({ id: 'bad-reference', severity: 'error' })
})

test('a file is read where that is possible', async () => {
  const root = readYaml('config.yaml', 'a: ${file:x.yaml}\nb: ${file:none}')
  const { value, notes } = await expandReferences(root, {}, async path => {
    if (path === 'none') throw new FailoverctlError('no-such-file', 'none: no such file')
    return 'k: [1]'
  })
  expect(plain(value)).toStrictEqual({ a: { k: [1] }, b: '${file:none}' })
  expect(notes.map(note => [note.severity, note.message])).toStrictEqual([['error', '`${file:none}`: none: no such file']])
})

test('what the network would have to say stays as it is written', async () => {
  const { value, notes } = await expand('a: ${https://x/y}')
  expect(lookup(value, 'a')).toMatchObject({ value: '${https://x/y}', fromEnvironment: true })
  expect(notes).toMatchObject([{ id: 'bad-reference', severity: 'info' }])
})

test('a default without env: comes with what is meant, beside values of variables too, and never with their values', async () => {
  const { notes } = await expand('a: ${FIVE} ${X:-1}\nb: ${X:-${FIVE}}')
  expect(notes.map(({ meant }) => meant)).toEqual([{ from: '${X:-1}', to: '${env:X:-1}' }, undefined])
  expect(notes[1]?.message).toMatch(/^a reference made of other values/)
})
