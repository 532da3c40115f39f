import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasGo } from '../collector/build.mjs'
import { Cluster } from './cluster.ts'
import { READY } from './stages.ts'

describe.skipIf(!process.env.CI && !(await hasGo()))('a control plane with simulated nodes (needs Go to build it)', () => {
  let cluster: Cluster

  beforeAll(async () => {
    cluster = await Cluster.start({ controllers: true, nodes: 2, forwards: { 13133: 9 } })
  }, 600_000)
  afterAll(() => cluster?.stop())

  const workload = (kind: string, name: string, annotations = {}, more = {}) =>
    JSON.stringify({
      apiVersion: 'apps/v1',
      kind,
      metadata: { name },
      spec: {
        selector: { matchLabels: { app: name } },
        ...(kind === 'DaemonSet' ? {} : { replicas: 2 }),
        ...more,
        template: {
          metadata: { labels: { app: name }, annotations },
          spec: { containers: [{ name: 'collector', image: 'otelcol:0.161.0' }] },
        },
      },
    })

  test.each(['StatefulSet', 'DaemonSet', 'Deployment'])(
    'a %s is rolled out, and a deleted pod comes back',
    async kind => {
      const name = kind.toLowerCase()
      await cluster.kubectl(['create', '-f', '-'], workload(kind, name))
      await cluster.kubectl(['rollout', 'status', `${name}/${name}`, '--timeout=60s'])
      await cluster.kubectl(['delete', 'pod', '-l', `app=${name}`])
      await cluster.kubectl(['rollout', 'status', `${name}/${name}`, '--timeout=60s'])
      const pods = JSON.parse(await cluster.kubectl(['get', 'pods', '-l', `app=${name}`, '-o', 'json']))
      expect(pods.items).toHaveLength(2)
    },
    90_000,
  )

  test('a pod that is told so never gets ready', async () => {
    await cluster.kubectl(['create', '-f', '-'], workload('StatefulSet', 'stuck', { [READY]: 'never' }))
    await expect(cluster.kubectl(['rollout', 'status', 'statefulset/stuck', '--timeout=4s'])).rejects.toThrow('timed out')
    const pod = JSON.parse(await cluster.kubectl(['get', 'pod', 'stuck-0', '-o', 'json']))
    expect([pod.status.phase, pod.status.containerStatuses?.[0]?.ready]).toEqual(['Running', false])
  }, 60_000)

  test('who may only read is told so', async () => {
    await cluster.allow('telemetry', [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }])
    const kubeconfig = await cluster.kubeconfig('limited')
    await expect(cluster.kubectl(['--kubeconfig', kubeconfig, 'get', 'pods'])).resolves.toBeDefined()
    await expect(cluster.kubectl(['--kubeconfig', kubeconfig, 'get', 'configmaps'])).rejects.toThrow('forbidden')
  }, 60_000)
})
