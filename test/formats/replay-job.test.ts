import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { type ReplayJob, replayJobYaml } from '../../src/formats/replay-job.ts'

const JOB: ReplayJob = {
  name: 'replay',
  namespace: undefined,
  image: 'registry.example/failoverctl:0.1.0',
  shards: 16,
  claim: 'otel-backup',
  mountPath: '/backup',
  secret: 'otlp',
  args: ['--endpoint', 'http://collector:4318', '--filter', 'name =~ "$(x)" && a == "yes"'],
}

test('each pod replays the shard of its index', () => {
  const { spec } = parse(replayJobYaml(JOB))
  expect(spec).toMatchObject({ completionMode: 'Indexed', completions: 16, parallelism: 16, backoffLimitPerIndex: 5 })
  expect(spec.template.spec.containers[0].args).toEqual([
    'replay',
    '/backup',
    '--shard',
    '$(JOB_COMPLETION_INDEX)/16',
    '--endpoint',
    'http://collector:4318',
    '--filter',
    // Kubernetes makes `$(x)` of it again.
    'name =~ "$$(x)" && a == "yes"',
  ])
})

test('the headers come from the secret, and without one there are none', () => {
  const env = (job: ReplayJob) => parse(replayJobYaml(job)).spec.template.spec.containers[0].env
  expect(env(JOB)).toEqual([
    { name: 'OTEL_EXPORTER_OTLP_HEADERS', valueFrom: { secretKeyRef: { name: 'otlp', key: 'headers' } } },
  ])
  expect(env({ ...JOB, secret: undefined })).toBeUndefined()
})

test('names that YAML would take for something else stay text', () => {
  const { metadata } = parse(replayJobYaml({ ...JOB, name: '1e3', namespace: 'yes' }))
  expect(metadata).toMatchObject({ name: '1e3', namespace: 'yes', labels: { 'app.kubernetes.io/instance': '1e3' } })
})

test('pods may do nothing but their work', () => {
  const { spec } = parse(replayJobYaml(JOB)).spec.template
  expect(spec).toMatchObject({
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true },
  })
  expect(spec.containers[0].securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
})
