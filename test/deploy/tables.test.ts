import { describe, expect, test } from 'vitest'
import { configOnHost } from '../../src/deploy/containers/on-this-machine.ts'
import { findConfig, keyIn } from '../../src/deploy/kubernetes/find-config.ts'
import { type ConfigMap, canonical, essence, type PodSpec, type Workload } from '../../src/deploy/kubernetes/objects.ts'
import { isReady, isUpToDate } from '../../src/deploy/kubernetes/rollout.ts'
import { hashOf, parseRecord, type Revision, recordText } from '../../src/deploy/record.ts'
import { exitOf } from '../../src/deploy/result.ts'

describe('where a pod reads its config from', () => {
  const spec = (args: string[], mount = {}, configMap = {}): PodSpec => ({
    containers: [
      { name: 'sidecar', args: ['--verbose'] },
      { name: 'collector', args, volumeMounts: [{ name: 'config', mountPath: '/etc/otel', ...mount }] },
    ],
    volumes: [
      { name: 'config', configMap: { name: 'gateway', ...configMap } },
      { name: 'other', configMap: { name: 'certificates' } },
    ],
  })
  const items = { items: [{ key: 'relay', path: 'relay.yaml' }] }
  test.each([
    ['--config=FILE', spec(['--config=/etc/otel/config.yaml']), {}, { configMap: 'gateway', key: 'config.yaml' }],
    ['--config FILE', spec(['--config', '/etc/otel/a.yaml']), {}, { configMap: 'gateway', key: 'a.yaml' }],
    ['file:', spec(['--config=file:/etc/otel/a.yaml']), {}, { configMap: 'gateway', key: 'a.yaml' }],
    ['items', spec(['--config=/conf/relay.yaml'], { mountPath: '/conf' }, items), {}, { configMap: 'gateway', key: 'relay' }],
    [
      'a path below',
      spec(['--config=/c/x.yaml'], { mountPath: '/c/x.yaml', subPath: 'x.yaml' }),
      {},
      { configMap: 'gateway', key: 'x.yaml' },
    ],
    ['named', spec([]), { configMap: 'certificates', key: 'k' }, { configMap: 'certificates', key: 'k' }],
  ])('%s', (_, pod, named, found) => expect(findConfig(pod, named, 'it')).toEqual(found))

  test('several that fit are named', () => {
    expect(() => findConfig(spec([]), {}, 'it')).toThrow(/mounts several config maps.*gateway, certificates/)
    expect(() => findConfig(spec([]), { configMap: 'none' }, 'it')).toThrow(/mounts no config map named none/)
  })

  test('the key, where only one can be meant', () => {
    const map = (data: Record<string, string>) => ({ metadata: { name: 'gateway' }, data }) as unknown as ConfigMap
    expect(keyIn(map({ a: '' }), undefined)).toBe('a')
    expect(keyIn(map({ a: '', b: '' }), 'b')).toBe('b')
    expect(() => keyIn(map({ a: '', b: '' }), undefined)).toThrow('has 2 keys')
    expect(() => keyIn(map({ a: '' }), 'c')).toThrow('has no key c')
  })
})

describe('whether a rollout is done', () => {
  const of = (kind: string, spec: object, status: object, generation = 2) =>
    ({
      kind,
      metadata: { name: 'x', generation },
      spec: { replicas: 3, ...spec },
      status: { observedGeneration: 2, ...status },
    }) as unknown as Workload
  const done = {
    replicas: 3,
    updatedReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    currentRevision: 'b',
    updateRevision: 'b',
  }
  const parted = { updateStrategy: { rollingUpdate: { partition: 2 } } }
  test.each<[string, Workload, boolean, boolean]>([
    ['a set in one revision', of('StatefulSet', {}, done), true, true],
    ['a set that nobody has looked at', of('StatefulSet', {}, done, 3), false, true],
    ['a set on its way', of('StatefulSet', {}, { ...done, currentRevision: 'a' }), false, true],
    [
      'a set that goes back: one revision, and one pod still of another',
      of('StatefulSet', {}, { ...done, updatedReplicas: 2 }),
      false,
      true,
    ],
    ['a set whose canary is done', of('StatefulSet', parted, { ...done, currentRevision: 'a', updatedReplicas: 1 }), true, true],
    ['a set whose canary is not', of('StatefulSet', parted, { ...done, currentRevision: 'a', updatedReplicas: 0 }), false, true],
    ['a set with a pod that is not ready', of('StatefulSet', {}, { ...done, readyReplicas: 2 }), true, false],
    ['a deployment', of('Deployment', {}, done), true, true],
    ['a deployment with an old pod left', of('Deployment', {}, { ...done, replicas: 4 }), false, true],
    [
      'a daemon set',
      of('DaemonSet', {}, { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 }),
      true,
      true,
    ],
    [
      'a daemon set on its way',
      of('DaemonSet', {}, { desiredNumberScheduled: 2, updatedNumberScheduled: 1, numberAvailable: 2 }),
      false,
      true,
    ],
  ])('%s', (_, workload, upToDate, ready) => expect([isUpToDate(workload), isReady(workload)]).toEqual([upToDate, ready]))
})

test('two objects are equal but for what server and controllers write', () => {
  const object = (metadata: object, more: object = {}) => ({
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'x', uid: 'u', ...metadata },
    ...more,
  })
  const old = object({ resourceVersion: '1', generation: 1, managedFields: [] }, { status: { a: 1 }, spec: { a: 1, b: 2 } })
  const now = object(
    { generation: 3, resourceVersion: '9', annotations: { 'deployment.kubernetes.io/revision': '3' } },
    { spec: { b: 2, a: 1 } },
  )
  expect(canonical(essence(now))).toBe(canonical(essence(old)))
  for (const other of [
    object({ labels: { a: 'b' } }, { spec: { a: 1, b: 2 } }),
    object({ uid: 'v' }, { spec: { a: 1, b: 2 } }),
    object({}, { spec: { a: 1, b: 3 } }),
  ])
    expect(canonical(essence(other))).not.toBe(canonical(essence(old)))
})

describe('a record', () => {
  const revision = (id: string, config: string): Revision => ({ id, at: 't', by: 'b', hash: 'h', end: 'deployed', config })
  test('comes back as it went', () => {
    const record = { version: 1 as const, history: [revision('a', 'x: 1\n')] }
    expect(parseRecord(recordText(record))).toEqual(record)
    for (const text of ['', '{', '{}', '{"version":2,"history":[]}']) expect(parseRecord(text)).toBeUndefined()
  })

  test('fits into a config map: the oldest configs are left out first', () => {
    const large = 'x'.repeat(300_000)
    const text = recordText({ version: 1, history: ['a', 'b', 'c', 'd'].map(id => revision(id, large)) })
    expect(text.length).toBeLessThan(1_000_000)
    expect(parseRecord(text)?.history.map(({ id, config }) => [id, config?.length])).toEqual([
      ['a', 300_000],
      ['b', 300_000],
      ['c', undefined],
      ['d', undefined],
    ])
  })
})

test('the hash is SHA-256', async () => {
  expect(await hashOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

describe('what a result ends with', () => {
  const base = {
    target: 't',
    id: 'i',
    reason: undefined,
    differences: undefined,
    levels: {},
    remarks: [],
    took_s: 1,
    interrupted: false,
  }
  test.each([
    [{ ...base, outcome: 'deployed' }, 0],
    [{ ...base, outcome: 'unchanged' }, 0],
    [{ ...base, outcome: 'rolled back', differences: [] }, 1],
    [{ ...base, outcome: 'rolled back', differences: [], interrupted: true }, 130],
    [{ ...base, outcome: 'unfinished', interrupted: true }, 5],
    [{ ...base, outcome: 'conflict' }, 5],
  ] as const)('%o is %d', (result, exit) => expect(exitOf(result)).toBe(exit))
})

describe('where the config of a container lies on this machine', () => {
  const bind = (source: string, target: string, kind = 'bind') => ({ kind, source, target, writable: true })
  const container = (argv: string[], mounts: object[]) => ({ argv, mounts }) as never
  test.each([
    [['/otelcol', '--config=/etc/otelcol/config.yaml'], [bind('/srv/c.yaml', '/etc/otelcol/config.yaml')], '/srv/c.yaml'],
    [['/otelcol', '--config', '/etc/otelcol/config.yaml'], [bind('/srv/', '/etc/otelcol')], '/srv/config.yaml'],
    [['/otelcol', '--config=file:/etc/otelcol/a/b.yaml'], [bind('/srv', '/etc/otelcol/')], '/srv/a/b.yaml'],
    [['/otelcol', '--config=/etc/otelcol/config.yaml'], [bind('/v', '/etc/otelcol', 'volume')], undefined],
    [['/otelcol'], [bind('/srv', '/etc/otelcol')], undefined],
  ])('%j with %j', (argv, mounts, path) => expect(configOnHost(container(argv, mounts))).toBe(path))
})
