import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { NEWEST, parseVersion, type Version } from '../../src/collector/versions.ts'
import { FailoverctlError } from '../../src/core/errors.ts'
import { checkConfig } from '../../src/validate/check.ts'
import { fakeHost } from '../fake-host.ts'
import { GOOD } from '../good-config.ts'

async function findingsIn(text: string, { env = {}, version = NEWEST as Version | undefined } = {}) {
  const { findings } = await checkConfig(['a.yaml'], version ?? NEWEST, fakeHost({ files: { 'a.yaml': text }, env }))
  return findings
}
const told = async (text: string, options?: Parameters<typeof findingsIn>[1]) =>
  (await findingsIn(text, options)).map(({ rule, severity, at }) => `${at.line}:${at.column} ${severity} ${rule}`)

test('a config that fails over as meant has no finding', async () => {
  expect(await told(GOOD)).toEqual([])
})

test('notes, schema and rules come in one list, in the order of the lines', async () => {
  const text = GOOD.replace('"a:4317"', '"a:4317", proxy_url: "${HOST}"')
    .replace('append: true', 'apend: true')
    .replace('[file/backup]', '[file]')
  expect(await told(text)).toEqual(['4:56 info unset-variable', '5:43 error schema', '12:57 error undefined-component'])
})

test('the schema says what is unknown and what was meant', async () => {
  const [finding] = await findingsIn(GOOD.replace('append: true', 'append: true, rotatoin: {}'))
  expect(finding).toMatchObject({ rule: 'schema', kind: 'refused', message: 'unknown key `rotatoin`; did you mean `rotation`?' })
})

test('where a rule refuses a word, the schema says nothing about it', async () => {
  expect(await told(GOOD.replace('[traces/backup]]', '[file/backup]]'))).toEqual(['7:72 error level-names-exporter'])
  expect(await told(GOOD.replace('[[traces/primary], [traces/backup]]', '[]'))).toEqual(['7:52 error no-priority-levels'])
})

test('a key that an old collector takes is judged by its release, not by the schema of the newest', async () => {
  const text = GOOD.replace('service:\n', 'service:\n  telemetry: { metrics: { address: "localhost:8888" } }\n').replace(
    ', sending_queue: { enabled: false } }\nservice',
    ' }\nservice',
  )
  const of = async (release: string) =>
    (await told(text.replaceAll('otlp_http', 'otlphttp'), { version: parseVersion(release) })).filter(line =>
      line.startsWith('9:'),
    )
  expect(await of('0.110')).toEqual([])
  expect(await of('0.120')).toEqual(['9:27 warning deprecated-setting'])
  expect(await of('0.128')).toEqual(['9:27 error removed-setting'])
})

test('before 0.136 the connector has no queue that could answer early', async () => {
  const text = GOOD.replace(', sending_queue: { enabled: false } }\nservice', ' }\nservice').replaceAll('otlp_http', 'otlphttp')
  expect(await told(text, { version: parseVersion('0.135') })).toEqual([])
  expect(await told(text, { version: parseVersion('0.136') })).toEqual(['7:3 info connector-answers-early'])
})

describe('values from the environment', () => {
  test('may be of any type where text is wanted, and empty where they are not set here', async () => {
    const text = GOOD.replace('"a:4317"', '"${ENDPOINT}", headers: { key: "${KEY}" }, proxy_url: "${PROXY}"')
    expect(await told(text, { env: { KEY: '12345', ENDPOINT: 'a:4317' } })).toEqual(['4:89 info unset-variable'])
  })

  test('are never shown', async () => {
    const env = { SECRET: 'hunter2', NUMBER: '77' }
    const text = GOOD.replace('[file/backup]', '["${SECRET}"]')
      .replace('[traces/backup]]', '["${SECRET}"]]')
      .replace('endpoint:', 'timeout: "${NUMBER}", encoding: "${SECRET}", endpoint:')
      .replace(', timeout: 5s', '')
    const findings = await findingsIn(text, { env })
    expect(findings.map(({ rule }) => rule)).toEqual([
      'bare-duration',
      'schema',
      'level-pipeline-undefined',
      'undefined-component',
    ])
    expect(JSON.stringify(findings)).not.toMatch(/hunter2|77/)
  })
})

test.each([
  ['kind: Deployment\nspec: {}\n', 'not-a-config'],
  ['- a\n', 'not-yaml'],
  ['a: [\n', 'not-yaml'],
])('%j is no config', async (text, code) => {
  await expect(findingsIn(text)).rejects.toSatisfy(
    error => error instanceof FailoverctlError && error.code === code && error.exit === 3,
  )
})

test('several locations are one config, and each finding names the file that it is in', async () => {
  const files = { 'base.yaml': GOOD, 'more.yaml': 'exporters:\n  file/backup: { append: false }\n' }
  const { findings } = await checkConfig(['base.yaml', 'more.yaml'], NEWEST, fakeHost({ files }))
  expect(findings.map(({ rule, at }) => [rule, at.file, at.line])).toEqual([['backup-truncated', 'more.yaml', 2]])
})

describe('every verdict of a real collector', () => {
  const folder = new URL('../../fixtures/validate/', import.meta.url)
  const rows = readFileSync(new URL('verdicts.tsv', folder), 'utf8').trim().split('\n').slice(1)
  // It starts `otelcol validate` and fails when it runs.
  const FAILS_AT_START = ['storage-undefined']

  test.each(rows.map(row => row.split('\t') as [string, string]))('%s: exit %s', async (name, exit) => {
    const text = readFileSync(new URL(`${name}.yaml`, folder), 'utf8')
    const host = fakeHost({ files: { 'a.yaml': text } })
    const refused = await checkConfig(['a.yaml'], parseVersion('0.161') ?? NEWEST, host).then(
      ({ findings }) => findings.filter(({ kind, severity }) => kind === 'refused' && severity === 'error').length,
      (error: FailoverctlError) => (error.exit === 3 ? 1 : 0),
    )
    if (exit === '0' && !FAILS_AT_START.includes(name)) expect(refused).toBe(0)
    else expect(refused).toBeGreaterThan(0)
  })
})
