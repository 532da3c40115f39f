import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { expandReferences } from '../../src/source/expand.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import { schemaNotes } from '../../src/source/schema.ts'
import { plain } from '../../src/source/value.ts'
import { readMarks } from './marks.ts'

const QUEUE = {
  type: 'object',
  additionalProperties: false,
  properties: {
    enabled: { type: 'boolean' },
    queue_size: { type: 'integer', exclusiveMinimum: 0 },
    sizer: { enum: ['items', 'bytes', 'requests'] },
  },
}
const SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['service'],
  properties: {
    service: { type: 'object' },
    name: { type: 'string', minLength: 1 },
    title: { type: 'string' },
    queue: QUEUE,
    levels: { type: 'array', minItems: 1, items: { type: 'array', items: { type: 'string' } } },
    interval: {
      anyOf: [
        { type: 'integer', minimum: 1 },
        { type: 'string', pattern: '^\\d+s$', 'x-expected': 'a duration such as `5s`' },
      ],
    },
    tls: { oneOf: [{ $ref: '#/definitions/tls' }, { type: 'null' }, { enum: ['off'] }] },
    auth: { anyOf: [{ required: ['token'] }, { required: ['user'] }] },
    gone: false,
  },
  definitions: { tls: { type: 'object', required: ['ca'], properties: { ca: { type: 'string' } } } },
}

const validate = new Ajv({ allErrors: true, verbose: true, strict: false }).compile(SCHEMA)
const ENV = { SECRET: 'hunter2', PORT: '8080', MAP: 'a: b', EMPTY: '' }

async function notesOf(text: string) {
  const { value } = await expandReferences(readYaml('config.yaml', `service: {}\n${text}`), ENV)
  return validate(plain(value)) ? [] : schemaNotes(value, validate.errors ?? [])
}

test.each([
  ['an unknown key', 'queue: {«quue_size»: 5}', 'unknown key `quue_size`; did you mean `queue_size`?'],
  ['an unknown key like no other', '«zzz»: 5', 'unknown key `zzz`'],
  ['a taken name, which is not proposed', 'queue: {queue_size: 5, «queue_siz»: 5}', 'unknown key `queue_siz`'],
  ['a wrong type', 'levels: «x»', 'expected a list, got the text `x`'],
  ['a wrong type inside', 'levels: [[a, «5»]]', 'expected text, got `5`'],
  ['a wrong type of several lines', 'name:\n  «b: 1»\n  c: 2', 'expected text, got a map'],
  [
    'a wrong choice',
    'queue: {sizer: «byte»}',
    'expected `items`, `bytes` or `requests`, got the text `byte`; did you mean `bytes`?',
  ],
  ['too few items', 'levels: «[]»', 'needs at least 1 item'],
  ['an empty text', 'name: «""»', 'must not be empty'],
  ['a small number', 'queue: {queue_size: «0»}', 'must be more than 0, got `0`'],
  ['one branch that fits, and its limit', 'interval: «0»', 'must be at least 1, got `0`'],
  ['one branch that fits, and its pattern', 'interval: «5m»', 'expected a duration such as `5s`, got the text `5m`'],
  ['no branch that fits', 'interval: «true»', 'expected a whole number or text, got `true`'],
  ['no branch that fits, a choice among them', 'tls: «on»', 'expected `off` or a map, got the text `on`'],
  ['something missing in a branch', '«tls»: {x: 1}', '`ca` is missing'],
  ['a wrong type deep in a branch', 'tls: {ca: «[1]»}', 'expected text, got a list'],
  ['one of two that is missing', '«auth»: {x: 1}', '`token` or `user` is missing'],
  ['what is never allowed', '«gone»: 1', '`gone` is not allowed here'],
  ['an empty variable', 'name: «${EMPTY}»', 'expected text, got what an environment variable or reference says'],
  ['an empty variable for a map', 'queue: «${EMPTY}»', 'expected a map, got what an environment variable or reference says'],
  ['an unknown key of a variable', 'queue: «${MAP}»', 'unknown key in what an environment variable or reference says'],
  ['the type of a variable', 'queue: «${SECRET}»', 'expected a map, got what an environment variable or reference says'],
  [
    'the choice of a variable',
    'queue:\n  sizer: «${SECRET}»',
    'expected `items`, `bytes` or `requests`, got what an environment variable or reference says',
  ],
])('it explains %s', async (_, marked, message) => {
  const { text, marks } = readMarks(`\n${marked}`)
  expect(await notesOf(text.slice(1))).toStrictEqual([{ at: marks[0], id: 'schema', severity: 'error', message }])
})

test.each([
  ['a number for a text', 'name: ${PORT}'],
  ['a map for a text', 'name: ${MAP}'],
  ['what is not set here for anything', 'name: ${UNSET}\nqueue: ${UNSET}\nlevels: ${UNSET}'],
  ['an empty text', 'title: ${EMPTY}'],
  ['what is not known yet', 'levels: ${https://x/y}\nqueue: {sizer: "${https://x/y}"}'],
])('a reference may give %s, as for the Collector', async (_, text) => expect(await notesOf(text)).toStrictEqual([]))

test('what is missing at the top stands at the top', () => {
  const root = readYaml('config.yaml', 'name: x\n')
  validate(plain(root))
  const at = { file: 'config.yaml', line: 1, column: 1, length: 7 }
  expect(schemaNotes(root, validate.errors ?? [])).toStrictEqual([
    { at, id: 'schema', severity: 'error', message: '`service` is missing' },
  ])
})

test('a note is said once, and a long text is cut', async () => {
  const long = 'x'.repeat(60)
  expect((await notesOf(`levels: ${long}`)).map(note => note.message)).toStrictEqual([
    `expected a list, got the text \`${long.slice(0, 39)}…\``,
  ])
})
