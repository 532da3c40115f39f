import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kitFiles } from '../../src/kit/kit.ts'
import { plainText } from '../../src/kit/why.ts'
import { hasGo } from '../collector/build.mjs'
import { wishFor } from '../kit/wishes.ts'
import { Cluster } from './cluster.ts'

describe.skipIf(!process.env.CI && !(await hasGo()))('the manifests that init writes (needs Go to build a control plane)', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await Cluster.start({ controllers: true, nodes: 2 })
  }, 600_000)
  afterAll(() => cluster?.stop())

  test('are applied, and everything in them gets ready', async () => {
    const files = kitFiles(wishFor('agents-and-gateway', 'kubernetes'))
    for (const index of [0, 1]) await cluster.kubectl(['create', '-f', '-'], volume(`disk-${index}`))
    for (const { path, text } of files)
      if (path.endsWith('-manifests.yaml')) await cluster.kubectl(['apply', '-f', '-'], plainText(text))
    const there = ['--namespace', 'observability']
    await cluster.kubectl([...there, 'rollout', 'status', 'statefulset/otel-gateway', '--timeout=90s'])
    await cluster.kubectl([...there, 'rollout', 'status', 'daemonset/otel-gateway-agent', '--timeout=90s'])
    const get = async (...words: string[]) => JSON.parse(await cluster.kubectl([...there, 'get', ...words, '-o', 'json']))
    const claims = await get('persistentvolumeclaims')
    expect(claims.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name).sort()).toEqual([
      'data-otel-gateway-0',
      'data-otel-gateway-1',
    ])
    expect((await get('pods')).items).toHaveLength(4)
    expect((await get('poddisruptionbudget', 'otel-gateway')).status.disruptionsAllowed).toBe(1)
    const config = files.find(({ path }) => path === 'gateway.yaml')
    expect((await get('configmap', 'otel-gateway')).data['config.yaml']).toBe(plainText(config?.text ?? ''))
  }, 300_000)
})

/** What a cloud would make for a claim. */
const volume = (name: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '1Ti' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: `/tmp/${name}` },
    },
  })
