import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { stringify } from 'yaml'

const fixtures = new URL('../../fixtures/', import.meta.url)

/** Every YAML file of the fixtures, as bytes to spoil. */
const FILES = readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.yaml'))
  .map(name => readFileSync(new URL(name.replaceAll('\\', '/'), fixtures)))

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Words that mean something to a config or to YAML, glued together without sense. */
const WORDS = [
  ...[
    'service:',
    'pipelines:',
    'exporters:',
    'connectors:',
    'failover:',
    'priority_levels:',
    '[[traces/a], [b]]',
    'otlp:',
    '<<:',
  ],
  ...[
    'traces:',
    'receivers: [otlp]',
    '- ',
    '? ',
    ': ',
    '\n',
    '\n  ',
    '\n    ',
    '\t',
    '{',
    '}',
    '[',
    ']',
    ',',
    '#',
    '|',
    '>',
    '---',
    '...',
  ],
  ...[
    '"',
    "'",
    '&a ',
    '*a',
    '!!binary ',
    '!x ',
    '${',
    '}',
    '${env:X}',
    '${yaml:[',
    '$$',
    '%TAG',
    '~',
    '0x',
    '.inf',
    '\ufeff',
    '\u0000',
    '\u2028',
    '::',
  ],
]

const bytes = fc.uint8Array({ maxLength: 400 })
const words = fc.array(fc.constantFrom(...WORDS), { maxLength: 60 }).map(parts => encode(parts.join('')))
const anyYaml = fc.anything({ maxDepth: 4, withNullPrototype: false }).map(value => {
  try {
    return encode(stringify({ service: { pipelines: value }, exporters: value, connectors: { failover: value } }))
  } catch {
    return encode(String(value))
  }
})
const mutated = fc
  .tuple(
    fc.constantFrom(...FILES),
    fc.array(fc.tuple(fc.nat(), fc.nat(6), fc.nat(255), fc.constantFrom(...WORDS)), { minLength: 1, maxLength: 6 }),
  )
  .map(([file, changes]) => changes.reduce<Uint8Array>(change, file))

function change(data: Uint8Array, [where, how, byte, word]: readonly [number, number, number, string]): Uint8Array {
  const at = data.length === 0 ? 0 : where % data.length
  const [before, after] = [data.subarray(0, at), data.subarray(at)]
  if (how === 0) return Buffer.concat([before, Uint8Array.of(byte), after.subarray(1)])
  if (how === 1) return Buffer.concat([before, encode(word), after])
  if (how === 2) return Buffer.concat([before, after.subarray(byte)])
  if (how === 3) return Buffer.concat([before, data.subarray(at, at + byte), after])
  if (how === 4) return before
  if (how === 5) return Buffer.concat([before, encode('\n'), after])
  return Buffer.concat([after, before])
}

const nested = fc
  .tuple(
    fc.constantFrom('[', '{a: ', '- ', '? ', 'a:\n', '${env:', '"${', '!!seq [', '&a [', '['),
    fc.nat(3000),
    fc.constantFrom('service: ', 'exporters: ', ''),
  )
  .map(([open, depth, key]) =>
    encode(
      key +
        (open === 'a:\n' ? Array.from({ length: depth % 400 }, (_, at) => `${' '.repeat(at)}a:\n`).join('') : open.repeat(depth)),
    ),
  )
const bomb = fc
  .tuple(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 2, max: 12 }), fc.boolean())
  .map(([depth, width, maps]) => {
    const levels = Array.from({ length: depth }, (_, at) => {
      const inside = Array.from({ length: width }, (_, index) => (maps ? `k${index}: *a${at - 1}` : `*a${at - 1}`)).join(', ')
      return `a${at}: &a${at} ${at === 0 ? 'x' : maps ? `{${inside}}` : `[${inside}]`}`
    })
    return encode(`${levels.join('\n')}\nservice: *a${depth - 1}\nexporters: {otlp: *a${depth - 1}}\n`)
  })
const hugeKey = fc
  .tuple(fc.nat(60_000), fc.constantFrom('a', 'a/', '$', '${', '::', '𝒳', ' ', '\\'))
  .map(([length, part]) => encode(`service: { pipelines: { "${part.repeat(length).replaceAll('\\', '\\\\')}": 1 } }\n`))

/** One file each: random bytes, senseless YAML, spoiled fixtures, depth, bombs, long keys. */
export const input = fc.oneof(
  { weight: 2, arbitrary: bytes },
  { weight: 3, arbitrary: words },
  { weight: 3, arbitrary: anyYaml },
  { weight: 12, arbitrary: mutated },
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: bomb },
  { weight: 1, arbitrary: hugeKey },
)

const MANY = 4_100_000
const repeat = (text: string, head = '') => encode(head + text.repeat(Math.floor((MANY - head.length) / text.length)))

/** Files near the limit of 4 MiB, by what is special about them. */
export const LARGE: ReadonlyMap<string, () => Uint8Array> = new Map([
  ['one long word', () => repeat('a')],
  ['one long text', () => repeat('a', 'service: "')],
  ['brackets', () => repeat('[')],
  ['dashes', () => repeat('- ')],
  ['short lines', () => repeat('a: 1\n', 'service:\n')],
  ['comments', () => repeat('# x\n')],
  ['references', () => repeat('${env:A}', 'service: ')],
  ['dollars', () => repeat('$', 'service: ')],
  ['zero bytes', () => new Uint8Array(MANY)],
  ['spaces', () => repeat(' ', 'service:')],
  ['quotes', () => repeat('"" ')],
  ['wide characters', () => repeat('𝒳', 'service: ')],
  ['list of one line', () => encode(`service: [${'a, '.repeat(1_300_000)}b]`)],
])
