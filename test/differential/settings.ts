import { readFileSync } from 'node:fs'
import type { Choices } from './choices.ts'
import type { Node, Tree } from './skeleton.ts'

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly Node[]
  readonly pattern?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}

const SCHEMA = JSON.parse(readFileSync(new URL('../../schemas/collector-failover.schema.json', import.meta.url), 'utf8'))

/** What each component needs, and settings that it often has. Everything else comes from the schema. */
const BASES: Readonly<Record<string, (folder: string) => Tree>> = {
  otlp_receiver: () => ({ protocols: { grpc: { endpoint: 'localhost:4317' } } }),
  otlp_grpc: () => ({ endpoint: 'backend:4317' }),
  otlp_http: () => ({ endpoint: 'http://backend:4318' }),
  file: folder => ({ path: `${folder}/backup.jsonl` }),
  file_storage: folder => ({ directory: folder }),
  memory_limiter: () => ({ check_interval: '1s', limit_mib: 400 }),
}

const COMMON: Readonly<Record<string, readonly Tree[]>> = {
  otlp_grpc: [{ sending_queue: { enabled: false } }, { retry_on_failure: { enabled: false } }, { tls: { insecure: true } }],
  otlp_http: [{ sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }, { timeout: '3s' }],
  file: [{ append: true }, { rotation: { max_megabytes: 10 } }, { compression: 'zstd' }],
  failover: [{ retry_interval: '5s' }, { sending_queue: { enabled: false } }, { condition: { error: { contains: 'timeout' } } }],
  otlp_receiver: [{ protocols: { grpc: null, http: null } }, { protocols: { http: { endpoint: '0.0.0.0:4318' } } }],
  health_check: [{ endpoint: '0.0.0.0:13133' }],
  telemetry: [
    { metrics: { readers: [{ pull: { exporter: { prometheus: { host: '0.0.0.0', port: 8888 } } } }] } },
    { logs: { level: 'debug' } },
    { metrics: { level: 'detailed' } },
  ],
}

const DEFINITIONS: Readonly<Record<string, string>> = {
  otlp: 'otlp_grpc',
  otlphttp: 'otlp_http',
}

/** Settings that a collector accepts, or almost: `append` with `rotation` is in them. */
export function settingsFor(choices: Choices, type: string, folder: string): Node {
  const name = DEFINITIONS[type] ?? type
  const settings: Tree = { ...BASES[name]?.(folder) }
  for (const part of COMMON[name] ?? []) if (choices.chance(40)) Object.assign(settings, structuredClone(part))
  return Object.keys(settings).length === 0 && choices.chance(50) ? null : settings
}

/** A key that the schema knows for a component, with a value that may fit or not; a whole path of keys where it is nested. */
export function randomSetting(choices: Choices, section: string, type: string): { path: string[]; value: Node } | undefined {
  let schema = schemaOf(section, type)
  const path: string[] = []
  for (let depth = 0; schema?.properties && depth < 6; depth++) {
    const keys = Object.keys(schema.properties)
    if (keys.length === 0 || (depth > 0 && choices.chance(5))) break
    const key = choices.pick(keys)
    path.push(key)
    schema = follow(schema.properties[key])
  }
  return path.length > 0 ? { path, value: randomValue(choices, schema ?? {}) } : undefined
}

function schemaOf(section: string, type: string): Schema | undefined {
  if (section === 'service') return follow(SCHEMA.properties.service.properties.telemetry)
  const patterns: Record<string, Schema> = SCHEMA.properties[section]?.patternProperties ?? {}
  return follow(Object.entries(patterns).find(([pattern]) => new RegExp(pattern).test(type))?.[1])
}

const follow = (schema: Schema | undefined): Schema | undefined =>
  schema?.$ref ? { ...SCHEMA.definitions[schema.$ref.split('/').at(-1) as string], ...schema } : schema

const DURATIONS = [
  '5s',
  '0s',
  '1h30m',
  '-5s',
  '5',
  's',
  '5 s',
  '1d',
  '.5s',
  '5.s',
  '1e3s',
  '+5s',
  '0',
  '',
  '1.5h',
  '300us',
  '5µs',
  '5S',
]
const NO_NUMBERS = ['@@.inf', '@@-.Inf', '@@.nan']
const NUMBERS = [10, 0, 1, -1, 100, 1.5, 2.0, 1e10, 101, 65536, '10', '1.5', '0x10', -0.5, 2 ** 53, ...NO_NUMBERS]
const SPECIAL = [...NO_NUMBERS, '@@0x1F', '@@1_000', '@@0o17', '@@017', '@@1e3', '@@5.0', '@@~', '@@!!str 5', '@@!!int 5']
const ODD: readonly Node[] = [
  null,
  '',
  true,
  false,
  'true',
  'yes',
  5,
  'text',
  [],
  {},
  [1],
  { a: 1 },
  ['a', 'b'],
  'a,b',
  ...SPECIAL,
]
const REFERENCES = [
  '${env:TEXT}',
  '${NUMBER}',
  '${env:UNSET}',
  '${env:UNSET:-5}',
  '${DURATION}',
  '${env:FLAG}',
  '${env:LIST}',
  '${env:MAP}',
  '${env:BLANK}',
]

/** A value of the kind that the schema wants, most of the time. */
export function randomValue(choices: Choices, schema: Schema): Node {
  if (choices.chance(25)) return choices.pick(ODD)
  if (choices.chance(12)) return choices.pick(REFERENCES)
  if (schema.enum) return choices.pick([...schema.enum, 'none', String(schema.enum[0]).toUpperCase()])
  const types = [schema.type ?? 'string'].flat().filter(type => type !== 'null')
  if (schema.pattern && types.includes('number')) return choices.pick<Node>([...DURATIONS, 5, 0, -1, 1.5])
  const type = choices.pick(types)
  if (type === 'boolean') return choices.pick<Node>([true, false, 'true', 1, 0, 'yes'])
  if (type === 'number') return choices.pick<Node>(NUMBERS)
  if (type === 'array') return choices.pick<Node>([['a'], [], 'a', [1], ['a', 'a'], ['a', 'A'], [''], [null], [{}], [['a']]])
  if (type === 'object') return choices.pick<Node>([{}, null, { x: 1 }, { x: 'a' }, []])
  return choices.pick<Node>([
    'a',
    'localhost:4317',
    'http://a:1',
    'a:b',
    ':1',
    '',
    5,
    true,
    'gzip',
    '0755',
    '1.2',
    'a b',
    'unix:///a',
    '1.5',
    'basic',
  ])
}
