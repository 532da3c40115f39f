import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readGraph } from '../../src/collector/read-graph.ts'
import { NEWEST, parseVersion, type Version } from '../../src/collector/versions.ts'
import { dataAt } from '../../src/source/change.ts'
import { dataOf } from '../../src/source/edit-yaml.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import type { MapValue } from '../../src/source/value.ts'
import { type Checked, checkConfig, type Finding } from '../../src/validate/check.ts'
import { applyFix, type Fixed, fixAll } from '../../src/validate/fix.ts'
import type { Fix } from '../../src/validate/rule.ts'
import { RULES } from '../../src/validate/rules/index.ts'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { fakeHost } from '../fake-host.ts'
import { readMarks } from '../marks.ts'

const commentsIn = (text: string) => (text.match(/#+ .*/g) ?? []).map(comment => comment.trimEnd()).sort()

/** An example of a rule is a part of a config: the rules alone look at it. */
function checkPart(text: string, version: Version): Checked {
  const graph = readGraph(readYaml('config.yaml', text) as MapValue, version)
  const findings = RULES.flatMap(rule =>
    Array.from(rule.check(graph), (remark): Finding => ({ rule: rule.id, severity: rule.severity, kind: rule.kind, ...remark })),
  )
  return { graph, findings, files: ['config.yaml'], texts: new Map([['config.yaml', text]]) }
}

function fixPart(text: string): Promise<Fixed> {
  const version = parseVersion(/^# collector (\S+)$/m.exec(text)?.[1] ?? '') ?? NEWEST
  return fixAll(checkPart(text, version), async texts => checkPart(texts.get('config.yaml') ?? '', version))
}

const bad = RULES.flatMap(rule => rule.bad.map(example => ({ rule, text: readMarks(example).text })))
const isFixable = ({ rule, text }: (typeof bad)[number]) =>
  Array.from(
    rule.check(
      readGraph(readYaml('config.yaml', text) as MapValue, parseVersion(/^# collector (\S+)$/m.exec(text)?.[1] ?? '') ?? NEWEST),
    ),
  ).some(({ fix }) => fix)
const fixable = bad.filter(isFixable)

describe('every bad example of a rule that can be fixed', () => {
  test('these rules have some', () => {
    expect([...new Set(fixable.map(({ rule }) => rule.id))].sort()).toEqual(FIXABLE)
  })

  test.each(fixable.map(({ rule, text }, index) => [`${rule.id} ${index + 1}`, rule.id, text] as const))(
    '%s',
    async (_, id, text) => {
      // A comment beside each line, so that none gets lost.
      const commented = text.replace(/^([^#\n]*\S)$/gm, (line, _all, offset) => `${line} # at ${offset}`)
      const fixed = await fixPart(commented)
      const after = fixed.texts.get('config.yaml') ?? commented
      expect(fixed.left.filter(({ finding }) => finding.rule === id)).toEqual([])
      expect(fixed.checked.findings.filter(({ rule, fix }) => rule === id && fix)).toEqual([])
      expect(fixed.done.filter(({ rule }) => rule === id).length).toBeGreaterThan(0)
      expect(commentsIn(after)).toEqual(commentsIn(commented))
      expect((await fixPart(after)).texts.size).toBe(0)
    },
  )
})

const FIXABLE = [
  'backup-truncated',
  'batch-hides-errors',
  'deprecated-setting',
  'future-setting',
  'level-names-exporter',
  'queue-hides-errors',
  'removed-setting',
  'retry-delays-failover',
]

async function fixFiles(files: Readonly<Record<string, string>>, { version = NEWEST, env = {} as Record<string, string> } = {}) {
  const check = async (texts: ReadonlyMap<string, string>) =>
    checkConfig(Object.keys(files), version, fakeHost({ files: { ...files, ...Object.fromEntries(texts) }, env }))
  const start = await check(new Map())
  const fixed = await fixAll(start, check)
  const again = await fixAll(fixed.checked, check)
  expect(again.texts.size, 'a second run changes nothing').toBe(0)
  return { fixed, texts: { ...files, ...Object.fromEntries(fixed.texts) }, left: fixed.left.map(({ reason }) => reason) }
}

const folder = new URL('../../fixtures/seeds/', import.meta.url)
const seeds = readdirSync(folder).map(name => [name, readFileSync(new URL(name, folder), 'utf8')] as const)

describe('each seed', () => {
  test.each(seeds)('%s fails over once it is fixed', async (name, text) => {
    const { fixed, texts } = await fixFiles({ [name]: text })
    const { findings } = fixed.checked
    expect(findings.filter(({ severity, kind, fix }) => severity === 'error' || fix || kind === 'placebo')).toEqual([])
    expect(fixed.left).toEqual([])
    expect(commentsIn(texts[name] ?? '')).toEqual(commentsIn(text))
  })

  test.each(seeds)('%s with Windows line breaks has no other ones after it', async (name, text) => {
    const { texts } = await fixFiles({ [name]: text.replaceAll('\n', '\r\n') })
    expect(texts[name]).not.toMatch(/[^\r]\n/)
    expect(dataOf(name, texts[name] ?? '')).toEqual(dataOf(name, (await fixFiles({ [name]: text })).texts[name] ?? ''))
  })

  test('keeps what no fix names', async () => {
    const [, text = ''] = seeds.find(([name]) => name === 'backup-to-file.yaml') ?? []
    const { texts } = await fixFiles({ 'a.yaml': text })
    expect(dataOf('a.yaml', texts['a.yaml'] ?? '')).toEqual({
      receivers: { otlp: { protocols: { grpc: { endpoint: '0.0.0.0:4317' } } } },
      connectors: {
        failover: {
          priority_levels: [['traces/primary'], ['traces/backup']],
          retry_interval: '30s',
          sending_queue: { queue_size: 10000, batch: { flush_timeout: '5s', min_size: 512 } },
        },
      },
      processors: {
        'batch/primary': { send_batch_size: 512, timeout: '5s' },
        'batch/backup': { send_batch_size: 256, timeout: '2s' },
      },
      exporters: {
        'otlp_grpc/primary': {
          endpoint: 'https://otlp.oneuptime.com:4317',
          headers: { 'x-oneuptime-token': '${ONEUPTIME_TOKEN}' },
          retry_on_failure: { enabled: false, initial_interval: '1s', max_interval: '10s', max_elapsed_time: '30s' },
          sending_queue: { enabled: false },
        },
        'file/backup': {
          path: '/var/otel/backup/traces.jsonl',
          rotation: { max_megabytes: 1024, max_days: 7, max_backups: 5 },
        },
      },
      service: {
        pipelines: {
          traces: { receivers: ['otlp'], processors: [], exporters: ['failover'] },
          'traces/primary': { receivers: ['failover'], processors: [], exporters: ['otlp_grpc/primary'] },
          'traces/backup': { receivers: ['failover'], processors: [], exporters: ['file/backup'] },
        },
      },
    })
  })
})

const BASE = `
receivers: { otlp: { protocols: { grpc: } } }
exporters:
  otlp_grpc/primary: { endpoint: "a:4317", retry_on_failure: { enabled: false } }
  file/backup: { path: /var/backup.jsonl, append: true }
connectors:
  failover: { priority_levels: [[traces/primary], [traces/backup]], sending_queue: { enabled: false } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/primary: { receivers: [failover], exporters: [otlp_grpc/primary] }
    traces/backup: { receivers: [failover], exporters: [file/backup] }
`

describe('several files that are one config', () => {
  test('the file where a value stands is changed, and no other', async () => {
    const files = {
      'base.yaml': BASE,
      'more.yaml': 'exporters:\n  otlp_grpc/primary:\n    sending_queue: { enabled: true } # on\n',
    }
    const { texts } = await fixFiles(files)
    expect(texts['base.yaml']).toBe(BASE)
    expect(texts['more.yaml']).toBe(files['more.yaml'].replace('true', 'false'))
  })

  test('a removed key goes from all of them, and a component gets its new name in all of them', async () => {
    const old = BASE.replaceAll('otlp_grpc', 'otlp').replace('failover: {', 'failover: { retry_gap: 1s,')
    const more = 'connectors: { failover: { retry_gap: 2s } }\nexporters: { otlp/primary: { timeout: 1s } }\n'
    const { fixed, texts } = await fixFiles({ 'base.yaml': old, 'more.yaml': more })
    expect(texts['more.yaml']).toBe(
      'connectors: { failover: {} }\nexporters: { otlp_grpc/primary: { timeout: 1s, sending_queue: {enabled: false} } }\n'.replace(
        '{enabled: false}',
        '{ enabled: false }',
      ),
    )
    expect(texts['base.yaml']).toBe(BASE)
    expect(fixed.left).toEqual([])
  })
})

describe('what is left, and why', () => {
  test.each([
    [
      'a value of an environment variable',
      BASE.replace('{ endpoint', '{ sending_queue: { enabled: "${ON}" }, endpoint'),
      /environment variable/,
    ],
    [
      'a value behind an alias',
      BASE.replace('exporters:\n', 'x: &x { endpoint: "b:1", retry_on_failure: { enabled: false } }\nexporters:\n').replace(
        /otlp_grpc\/primary: \{.*\}/,
        'otlp_grpc/primary: *x',
      ),
      /alias `\*x`/,
    ],
    ['a name that is taken', BASE.replace('exporters:\n', 'exporters:\n  otlp/primary: { endpoint: "b:1" }\n'), /there already/],
    [
      'a fix that would bring another error',
      BASE.replace('[[traces/primary]', '[[otlp_grpc/primary]').replace(
        'traces/primary: { receivers: [failover]',
        'traces/primary: { receivers: [otlp]',
      ),
      /it would lead to level-pipeline-not-fed/,
    ],
  ])('%s', async (_, text, reason) => {
    const { left, fixed } = await fixFiles({ 'a.yaml': text }, { env: { ON: 'true' } })
    expect(left).toEqual(expect.arrayContaining([expect.stringMatching(reason)]))
    expect(JSON.stringify(fixed.texts.get('a.yaml') ?? '')).not.toContain('"true"')
  })
})

describe('a fix changes no value that it does not name', () => {
  const leaves = (value: unknown, path: string[] = []): [string[], unknown][] =>
    typeof value !== 'object' || value === null || Object.keys(value).length === 0
      ? [[path, value]]
      : Object.entries(value).flatMap(([step, inside]) => leaves(inside, [...path, step]))
  // An item that is taken out moves the ones behind it, and the last key of a map leaves the map.
  const named = ({ changes }: Fix): string[][] =>
    changes.flatMap(change => {
      if (change.kind === 'reference') return []
      const path = change.path.map(String)
      if (change.kind === 'rename') return [path, [...path.slice(0, -1), change.to]]
      return [change.kind === 'remove' && typeof change.path.at(-1) === 'number' ? path.slice(0, -1) : path]
    })
  // Nothing on the way to a value that is named becomes the map around it, and back.
  const isEmpty = (value: unknown) => ['null', '{}'].includes(JSON.stringify(value))
  const others = (text: string, paths: string[][]) =>
    leaves(dataOf('config.yaml', text))
      .filter(([leaf]) => !paths.some(path => path.every((step, index) => step === leaf[index])))
      .filter(([leaf, value]) => !isEmpty(value) || !paths.some(path => leaf.every((step, index) => step === path[index])))
      .map(leaf => JSON.stringify(leaf))
      .sort()

  test.each([...seeds, ...fixable.map(({ rule, text }, index) => [`${rule.id} ${index + 1}`, text] as const)])(
    '%s',
    (_, text) => {
      const version = parseVersion(/^# collector (\S+)$/m.exec(text)?.[1] ?? '') ?? NEWEST
      const part = checkPart(text, version)
      const fixes = part.findings.flatMap(({ fix }) => fix ?? [])
      for (const fix of fixes) {
        const after = applyFix(part, fix).get('config.yaml') ?? ''
        expect(after).not.toBe(text)
        expect(others(after, named(fix))).toEqual(others(text, named(fix)))
      }
      expect(fixes.length).toBeGreaterThan(0)
    },
  )
})

test('a fix that leaves its finding is not made', async () => {
  const start = checkPart('exporters: { file/backup: { path: a } }\n', NEWEST)
  const change = { kind: 'set', path: ['exporters', 'file/backup', 'format'], to: 'json' } as const
  const at = { file: 'config.yaml', line: 1, column: 1, length: 1 }
  const finding: Finding = {
    rule: 'x',
    severity: 'warning',
    kind: 'advice',
    at,
    message: 'm',
    fix: { title: 't', changes: [change] },
  }
  const withFinding = (checked: Checked) => ({ ...checked, findings: [finding] })
  const fixed = await fixAll(withFinding(start), async texts => withFinding(checkPart(texts.get('config.yaml') ?? '', NEWEST)))
  expect(fixed).toMatchObject({ done: [], left: [{ reason: 'the finding would stay' }], texts: new Map() })
})

test.each([
  ['${X:-a:4317}', '${env:X:-a:4317}'],
  ['${X:-a}:${PORT:-4317}', '${env:X:-a}:${env:PORT:-4317}'],
])('%s becomes %s', async (from, to) => {
  const { texts } = await fixFiles({ 'a.yaml': BASE.replace('"a:4317"', `"${from}"`) })
  expect(texts['a.yaml']).toContain(`endpoint: "${to}"`)
})

test('a queue and batches move to the connector only where its release has them', async () => {
  const old = BASE.replaceAll('otlp_grpc', 'otlp')
    .replace(', sending_queue: { enabled: false } }\nservice', ' }\nprocessors: { batch: { timeout: 2s } }\nservice')
    .replace('{ endpoint', '{ sending_queue: { num_consumers: 3 }, endpoint')
    .replace('[failover], exporters: [otlp/primary]', '[failover], processors: [batch], exporters: [otlp/primary]')
  const connector = async (release: string) => {
    const { texts } = await fixFiles({ 'a.yaml': old }, { version: parseVersion(release) ?? NEWEST })
    return /^ {2}failover: .*$/m.exec(texts['a.yaml'] ?? '')?.[0]
  }
  const levels = '{ priority_levels: [[traces/primary], [traces/backup]]'
  expect(await connector('0.135')).toBe(`  failover: ${levels} }`)
  expect(await connector('0.137')).toBe(`  failover: ${levels}, sending_queue: { num_consumers: 3 } }`)
  expect(await connector('0.140')).toBe(
    `  failover: ${levels}, sending_queue: { num_consumers: 3, batch: { flush_timeout: 2s } } }`,
  )
})

const WITHOUT_GO = (await hasGo()) || process.env.CI ? '' : ' (skipped: no Go here)'

test.each([
  ['0.161', 'append: true'],
  ['0.150', 'rotation: {}'],
])('a compressed backup of %s gets `%s`', async (release, setting) => {
  const { texts } = await fixFiles(
    { 'a.yaml': BASE.replace('append: true', 'compression: zstd') },
    { version: parseVersion(release) ?? NEWEST },
  )
  expect(texts['a.yaml']).toContain(`compression: zstd, ${setting} }`)
})

test('a queue that counts items gets no batches that are larger than it', async () => {
  const text = BASE.replace(', sending_queue: { enabled: false } }\nservice', ' }\nprocessors: { batch: }\nservice')
    .replace('{ endpoint', '{ sending_queue: { sizer: items, queue_size: 100 }, endpoint')
    .replace('[failover], exporters: [otlp_grpc/primary]', '[failover], processors: [batch], exporters: [otlp_grpc/primary]')
  const { texts, left } = await fixFiles({ 'a.yaml': text })
  const queue = dataAt(dataOf('a.yaml', texts['a.yaml'] ?? ''), ['connectors', 'failover', 'sending_queue'])
  expect(queue).toEqual({ sizer: 'items', queue_size: 100 })
  expect(left).toEqual([])
})

describe.skipIf(WITHOUT_GO !== '')(`a real collector${WITHOUT_GO}`, () => {
  let binary = ''
  const work = mkdtempSync(join(tmpdir(), 'failoverctl-fix-'))
  beforeAll(async () => {
    binary = await buildCollector()
    mkdirSync(join(work, 'data'))
  }, 600_000)
  afterAll(() => rmSync(work, { recursive: true }))

  // With folders that are on this machine.
  const verdict = (name: string, text: string) => {
    const file = join(work, name)
    const local = text.replace(/^( +directory: ).*$/gm, `$1${work}/data`).replace(/^( +path: )\/var\/.*\//gm, `$1${work}/data/`)
    writeFileSync(file, local)
    const { status, stderr } = spawnSync(binary, ['validate', `--config=${file}`], { encoding: 'utf8' })
    return status === 0 ? 'taken' : stderr
  }

  test.each(seeds)('takes %s once it is fixed', async (name, text) => {
    const { texts } = await fixFiles({ [name]: text }, { version: parseVersion('0.161') ?? NEWEST })
    expect(verdict(name, texts[name] ?? '')).toBe('taken')
  })

  test('refuses most of them as they are', () => {
    expect(seeds.filter(([name, text]) => verdict(name, text) !== 'taken').length).toBeGreaterThan(seeds.length / 2)
  })

  test.each([['append: true'], ['rotation: {}'], ['append: true\n    compression: zstd']])(
    'takes a file exporter with %s',
    setting => {
      const text = `
receivers: { otlp: { protocols: { grpc: } } }
exporters:
  file:
    path: ${work}/data/x
    ${setting}
service: { pipelines: { traces: { receivers: [otlp], exporters: [file] } } }
`
      expect(verdict('file.yaml', text)).toBe('taken')
    },
  )
})
