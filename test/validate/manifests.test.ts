import { describe, expect, test } from 'vitest'
import { NEWEST } from '../../src/collector/versions.ts'
import { FailoverctlError } from '../../src/core/errors.ts'
import { checkConfig } from '../../src/validate/check.ts'
import { fixAll } from '../../src/validate/fix.ts'
import { fakeHost } from '../fake-host.ts'
import { readMarks } from '../marks.ts'

const CONFIG = `receivers:
  otlp: { protocols: { grpc: } }
exporters:
  otlp_grpc/primary:
    endpoint: "a:4317" # near
    retry_on_failure: { enabled: false }
    sending_queue: { enabled: «true» }
  file/backup: { path: /var/backup.jsonl, append: true }
connectors:
  failover: { priority_levels: [[traces/primary], [traces/backup]], sending_queue: { enabled: false } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/primary: { receivers: [failover], exporters: [otlp_grpc/primary] }
    traces/backup: { receivers: [failover], exporters: [file/backup] }
`
const indented = (text: string, by: number) => text.replace(/^(?=.)/gm, ' '.repeat(by))

const MANIFESTS: Readonly<Record<string, string>> = {
  'a ConfigMap': `apiVersion: v1
kind: ConfigMap
metadata: { name: collector }
data:
  other.txt: hello
  config.yaml: |-
${indented(CONFIG, 4)}`,
  'an OpenTelemetryCollector': `apiVersion: opentelemetry.io/v1beta1
kind: OpenTelemetryCollector
spec:
  mode: daemonset
  config:
${indented(CONFIG, 4)}  replicas: 1
`,
  'an OpenTelemetryCollector of v1alpha1': `apiVersion: opentelemetry.io/v1alpha1
kind: OpenTelemetryCollector
spec:
  config: | # text
${indented(CONFIG, 6)}`,
  'Helm values': `mode: deployment
config:
${indented(CONFIG, 2)}
service: { enabled: true, type: ClusterIP }
`,
  'Helm values of a chart below another': `opentelemetry-collector:
  alternateConfig:
${indented(CONFIG, 4)}`,
  'a list': `kind: List
items:
  - kind: ConfigMap
    data:
      relay: |
${indented(CONFIG, 8)}`,
  'a manifest among others': `kind: Service
spec: { ports: [] }
---
# The config.
kind: ConfigMap
data:
  relay: |
${indented(CONFIG, 4)}
---
kind: Deployment
`,
}

const check = (text: string) => (texts: ReadonlyMap<string, string>) =>
  checkConfig(['a.yaml'], NEWEST, fakeHost({ files: { 'a.yaml': texts.get('a.yaml') ?? text } }))

const queues = (findings: Awaited<ReturnType<typeof checkConfig>>['findings']) =>
  findings.filter(({ rule }) => rule === 'queue-hides-errors')

describe.each(Object.entries(MANIFESTS))('a config inside %s', (_, marked) => {
  const { text, marks } = readMarks(marked, 'a.yaml')

  test('is checked in its place', async () => {
    const { findings } = await check(text)(new Map())
    expect(queues(findings).map(({ at }) => at)).toEqual(marks)
    expect(findings.filter(({ severity }) => severity === 'error')).toHaveLength(1)
    expect(findings.map(({ rule }) => rule)).not.toContain('several-documents')
  })

  test.each([['\n'], ['\r\n']])('is fixed in its place, with line breaks %j', async eol => {
    const start = text.replaceAll('\n', eol)
    const fixed = await fixAll(await check(start)(new Map()), check(start))
    expect(fixed.texts.get('a.yaml')).toBe(start.replace('{ enabled: true }', '{ enabled: false }'))
    expect(fixed.left).toEqual([])
  })
})

test('every config of a file is checked and fixed, whichever has the finding', async () => {
  const one = MANIFESTS['a ConfigMap'] ?? ''
  const two = MANIFESTS['an OpenTelemetryCollector'] ?? ''
  const { text, marks } = readMarks(`${one}---\n${two}---\n${one}`, 'a.yaml')
  const start = await check(text)(new Map())
  expect(queues(start.findings).map(({ at }) => at)).toEqual(marks)
  const fixed = await fixAll(start, check(text))
  expect(fixed.texts.get('a.yaml')).toBe(text.replaceAll('enabled: true', 'enabled: false'))
})

test('new lines in a text are as far in as the others', async () => {
  const { text } = readMarks(
    MANIFESTS['a ConfigMap']?.replace('        sending_queue: { enabled: «true» }\n', '') ?? '',
    'a.yaml',
  )
  const fixed = await fixAll(await check(text)(new Map()), check(text))
  expect(fixed.texts.get('a.yaml')).toContain(
    '        retry_on_failure: { enabled: false }\n        sending_queue:\n          enabled: false\n      file/backup',
  )
})

test('a config in quotes is checked where the text begins, and not fixed', async () => {
  const { text } = readMarks(CONFIG)
  const { text: manifest, marks } = readMarks(`kind: ConfigMap\ndata:\n  config.yaml: «${JSON.stringify(text)}»\n`, 'a.yaml')
  const start = await check(manifest)(new Map())
  expect(queues(start.findings).map(({ at }) => at)).toEqual(marks)
  const fixed = await fixAll(start, check(manifest))
  expect(fixed.texts.size).toBe(0)
  expect(fixed.left.map(({ reason }) => reason)).toContain('the config is part of a text in quotes')
})

test('what the chart of the collector defines by itself is defined', async () => {
  const { text } = readMarks(MANIFESTS['Helm values'] ?? '')
  const values = text.replace(
    'receivers: [otlp], exporters: [failover]',
    'receivers: [otlp, zipkin], processors: [memory_limiter], exporters: [failover]',
  )
  const errors = (findings: { rule: string }[]) => findings.filter(({ rule }) => rule === 'undefined-component').length
  expect(errors([...(await check(values)(new Map())).findings])).toBe(0)
  expect(errors([...(await check(values.replace('config:', 'alternateConfig:'))(new Map())).findings])).toBe(2)
})

test('a broken config inside is told at its line', async () => {
  const { text } = readMarks(MANIFESTS['a ConfigMap'] ?? '')
  const line = text.split('\n').findIndex(one => one.includes('traces/backup: {')) + 1
  await expect(check(text.replace('[file/backup] }', '[file/backup'))(new Map())).rejects.toThrow(
    new RegExp(`^a\\.yaml:${line + 1}:`),
  )
})

test.each([
  'kind: Deployment\nspec: { template: { spec: { serviceAccountName: x } } }\n---\nkind: Service\n',
  'kind: ConfigMap\ndata:\n  run.sh: |\n    service: start || { echo "no"\n',
  'services:\n  web: { image: x }\n',
])('%j holds no config', async text => {
  await expect(check(text)(new Map())).rejects.toSatisfy(
    error => error instanceof FailoverctlError && error.code === 'not-a-config',
  )
})

test('what comes after a config that is not inside of anything is not read', async () => {
  const { text } = readMarks(CONFIG)
  const { findings } = await check(`${text}---\n  service: [\n`)(new Map())
  expect(findings.map(({ rule }) => rule)).toContain('several-documents')
})
