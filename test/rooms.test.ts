import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/** Which rooms a room may import from, besides itself. Data flows cli → commands → domain rooms → host → adapters. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  adapters: ['core'],
  source: ['core'],
  collector: ['core', 'source'],
  validate: ['core', 'source', 'collector'],
  model: ['core', 'collector'],
  otlp: ['core'],
  metrics: ['core', 'collector'],
  sink: ['core', 'otlp', 'metrics'],
  outage: ['core', 'source', 'collector', 'validate', 'model', 'otlp'],
  simulate: ['core', 'source', 'collector', 'validate', 'model', 'otlp', 'outage', 'experiment'],
  lab: ['core', 'source', 'collector', 'model', 'otlp', 'metrics', 'outage', 'sink'],
  platforms: ['core', 'source'],
  experiment: ['core', 'source'],
  chaos: [
    'core',
    'source',
    'collector',
    'validate',
    'model',
    'otlp',
    'metrics',
    'outage',
    'experiment',
    'sink',
    'lab',
    'platforms',
    'failover',
    'proxy',
  ],
  failover: ['core', 'source', 'otlp', 'platforms'],
  proxy: ['core', 'source', 'otlp', 'metrics', 'failover'],
  replay: ['core', 'otlp', 'failover'],
  watch: ['core', 'source', 'collector', 'metrics', 'platforms'],
  alerts: ['core', 'source', 'collector', 'metrics'],
  deploy: ['core', 'source', 'collector', 'validate', 'metrics', 'platforms', 'watch'],
  kit: ['core', 'source', 'collector', 'validate', 'model', 'outage', 'experiment', 'simulate', 'alerts'],
  formats: [
    'core',
    'source',
    'collector',
    'validate',
    'model',
    'experiment',
    'simulate',
    'sink',
    'lab',
    'chaos',
    'replay',
    'failover',
    'watch',
    'alerts',
    'deploy',
    'kit',
  ],
  commands: [
    'core',
    'source',
    'collector',
    'validate',
    'model',
    'otlp',
    'metrics',
    'outage',
    'simulate',
    'sink',
    'lab',
    'chaos',
    'failover',
    'proxy',
    'replay',
    'platforms',
    'experiment',
    'watch',
    'alerts',
    'deploy',
    'kit',
    'formats',
  ],
  cli: ['core', 'commands', 'adapters'],
  threads: ['adapters', 'otlp'],
  'index.ts': [
    'core',
    'adapters',
    'source',
    'collector',
    'validate',
    'model',
    'otlp',
    'metrics',
    'outage',
    'simulate',
    'sink',
    'lab',
    'chaos',
    'failover',
    'replay',
    'formats',
  ],
}

/** Where a package from outside may be imported. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  '@grpc/grpc-js': /^adapters\/grpc-(client|server)\.ts$/,
  'cli-progress': /^adapters\/bars\.ts$/,
  commander: /^(commands|cli)\//,
  '@inquirer/input': /^adapters\/ask\.ts$/,
  '@inquirer/select': /^adapters\/ask\.ts$/,
  execa: /^adapters\/tools\.ts$/,
  'ipaddr.js': /^proxy\/trust\.ts$/,
  'json-p3': /^experiment\//,
  diff: /^formats\/(fix-diff|replacements)\.ts$/,
  yaml: /^source\//,
  tinyglobby: /^adapters\/files\.ts$/,
  sarif: /^formats\/sarif\.ts$/,
  undici: /^adapters\/http-(client|exchange)\.ts$/,
  'zstddec/stream': /^adapters\//,
  '#collector-failover-schema': /^commands\/schema\.ts$/,
  '#scan-lines': /^replay\/scan\//,
  '#schemas': /^(source|validate|experiment|proxy|commands)\//,
}

/** Only the adapters know the clock, chance, the process, the console and Node itself. */
const FORBIDDEN =
  /\b(?:process|console|performance|setTimeout|setInterval|setImmediate|fetch|require)\s*[.(]|\bDate\.now\b|\bnew Date\b|\bMath\.random\b/

const root = fileURLToPath(new URL('../src/', import.meta.url))
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter(file => /\.ts$/.test(file) && !file.endsWith('.d.ts'))
  .map(file => file.replaceAll('\\', '/'))

const roomOf = (file: string) => file.split('/')[0] as string
const read = (file: string) => readFileSync(root + file, 'utf8')
const importsOf = (text: string) =>
  Array.from(text.matchAll(/\b(?:from |import |import\()'([^']+)'/g), ([, name]) => name as string)
const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, '')

/** `../core/host.ts` in `lab/lab.ts` is `core/host.ts`. */
function resolve(from: string, name: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const step of name.split('/')) {
    if (step === '..') parts.pop()
    else if (step !== '.') parts.push(step)
  }
  return parts.join('/')
}

test('every folder of src is a known room', () => {
  expect([...new Set(files.map(roomOf))].filter(room => !(room in MAY_IMPORT))).toEqual([])
})

test('there is something to check', () => {
  expect(files.length).toBeGreaterThan(50)
  expect(files.flatMap(file => importsOf(read(file))).length).toBeGreaterThan(150)
})

describe.each(files)('%s', file => {
  const text = read(file)
  const room = roomOf(file)

  test('imports only from rooms that come before it', () => {
    const wrong = importsOf(text)
      .filter(name => name.startsWith('.'))
      .map(name => resolve(file, name))
      .filter(target => roomOf(target) !== room && !MAY_IMPORT[room]?.includes(roomOf(target)))
    expect(wrong).toEqual([])
  })

  test('takes packages only where they are at home', () => {
    const wrong = importsOf(text).filter(
      name => !name.startsWith('.') && !(name.startsWith('node:') ? room === 'adapters' : PACKAGES[name]?.test(file)),
    )
    expect(wrong).toEqual([])
  })

  test('touches no clock, chance, process or console of its own', () => {
    expect(room === 'adapters' ? null : FORBIDDEN.exec(withoutComments(text))).toBeNull()
  })
})

test('the checks can fail', () => {
  expect(resolve('lab/lab.ts', '../cli/main.ts')).toBe('cli/main.ts')
  for (const bad of ['const x = Date.now()', 'setTimeout(f, 1)', 'console.log(1)', 'Math.random()', 'process.exit(1)'])
    expect(bad).toMatch(FORBIDDEN)
  expect(importsOf(`const a = await import('../adapters/x.ts')\nimport 'y'`)).toEqual(['../adapters/x.ts', 'y'])
})
