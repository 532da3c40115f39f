import { describe, expect, test } from 'vitest'
import { NEWEST } from '../../src/collector/versions.ts'
import { validateCommand } from '../../src/commands/validate.ts'
import { checkConfig } from '../../src/validate/check.ts'
import { REMARKS } from '../../src/validate/remarks.ts'
import { fakeHost } from '../fake-host.ts'
import { readMarks } from '../marks.ts'

const found = async (text: string, rule: string) =>
  (await checkConfig(['a.yaml'], NEWEST, fakeHost({ files: { 'a.yaml': text } }))).findings.filter(
    finding => finding.rule === rule,
  )

const topics = REMARKS.filter(({ id }) => ['queue-volume-not-kept', 'host-port-update'].includes(id))

describe.each(topics)('$id', ({ id, bad, good }) => {
  test.each([...bad, ...good])('example %#', async example => {
    const { text, marks } = readMarks(example, 'a.yaml')
    expect((await found(text, id)).map(({ at }) => at)).toEqual(marks)
  })
})

const MOUNTED = topics[0]?.good[0] ?? ''

test.each([
  ['no mount at all', MOUNTED.replace(/^ {2}volumeMounts.*$/m, ''), 'container'],
  ['a mount elsewhere', MOUNTED.replace('mountPath: /queue', 'mountPath: /que'), 'container'],
  ['an emptyDir', MOUNTED.replace(/^ {2}volumeClaim.*$/m, '  volumes: [{ name: queue, emptyDir: {} }]'), 'pod'],
  [
    'a mount above it',
    MOUNTED.replace('mountPath: /queue', 'mountPath: /').replace(
      /^ {2}volumeClaim.*$/m,
      '  volumes: [{ name: queue, hostPath: { path: /q } }]',
    ),
    undefined,
  ],
  [
    'two workloads, of which nobody knows which one it is',
    `${MOUNTED.replace(/^ {2}volumeMounts.*$/m, '')}---\nkind: Deployment\n`,
    undefined,
  ],
])('a queue and %s', async (_, text, gone) => {
  expect((await found(text, 'queue-volume-not-kept')).map(({ message }) => / gone with the (\w+)/.exec(message)?.[1])).toEqual(
    gone ? [gone] : [],
  )
})

test('a Deployment with a port of the node can wait for ever', async () => {
  const text = readMarks(topics[1]?.bad[0] ?? '').text.replace('DaemonSet', 'Deployment')
  expect(await found(text, 'host-port-update')).toMatchObject([{ severity: 'warning' }])
  expect(await found(text.replace('spec:\n', 'spec:\n  strategy: { type: Recreate }\n'), 'host-port-update')).toEqual([])
})

const CONFIG = `exporters:
  otlp: { endpoint: "a:4317", sending_queue: { storage: file_storage } }
extensions: { file_storage: { directory: /queue } }
receivers: { otlp: { protocols: { grpc: } } }
service: { extensions: [file_storage], pipelines: { traces: { receivers: [otlp], exporters: [otlp] } } }
`
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
spec: { template: { spec: { containers: [{ volumeMounts: [{ name: q, mountPath: /queue }] }], volumes: [{ name: q, emptyDir: {} }] } } }
`
const SERVICE = 'apiVersion: v1\nkind: Service\n'

async function run(argv: string, files: Readonly<Record<string, string>>) {
  const host = fakeHost({ files })
  let exit: number | undefined
  await validateCommand(host, code => (exit = code)).parseAsync(argv.split(' '), { from: 'user' })
  return { exit, out: host.out, err: host.err }
}

describe('manifests in other files', () => {
  const files = { 'a.yaml': CONFIG, 'deployment.yaml': DEPLOYMENT, 'service.yaml': SERVICE }
  const indented = CONFIG.replace(/^(?=.)/gm, '    ')

  test('say what runs the config that is named beside them', async () => {
    const { exit, out, err } = await run('a.yaml deployment.yaml service.yaml', files)
    expect(out).toContain('the queue in `file_storage` is gone with the pod')
    expect(out).toContain('--> deployment.yaml:3:')
    expect(err).toContain('No config, only manifests: deployment.yaml, service.yaml\n')
    expect(exit).toBe(0)
  })

  test('of a ConfigMap as well', async () => {
    const map = `apiVersion: v1\nkind: ConfigMap\ndata:\n  relay.yaml: |\n${indented}`
    const { out } = await run('map.yaml deployment.yaml', { ...files, 'map.yaml': map })
    expect(out).toContain('is gone with the pod')
  })

  test.each([
    ['two workloads', 'a.yaml deployment.yaml other.yaml', { ...files, 'other.yaml': DEPLOYMENT }],
    ['two configs', 'a.yaml b.yaml deployment.yaml', { ...files, 'b.yaml': CONFIG }],
  ])('say nothing where there are %s', async (_, argv, given) => {
    expect((await run(argv, given)).out).not.toContain('is gone with')
  })

  test.each([
    ['manifests alone', 'deployment.yaml service.yaml', files],
    ['what is no manifest', 'a.yaml compose.yaml', { ...files, 'compose.yaml': 'services: {}\n' }],
  ])('%s are no config', async (_, argv, given) => {
    const { exit, err } = await run(argv, given)
    expect(exit).toBe(3)
    expect(err).toContain('no Collector config')
  })
})
