import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { delimiter, dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seeded } from '../../../src/core/random.ts'
import { endpointsOf, type KubernetesSettings, kubernetesProvider } from '../../../src/failover/discovery/kubernetes.ts'
import { hasGo } from '../../collector/build.mjs'
import { buildControllers } from '../../kubernetes/build.mjs'
import { Cluster } from '../../kubernetes/cluster.ts'
import { testHost } from '../../real-host.ts'
import { follow, later } from './follow.ts'

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0
const wait = { timeout: 10_000, interval: 20 }

describe('of slices', () => {
  const slice = (name: string, endpoints: unknown[], ports: unknown[] = [{ name: 'otlp', port: 4318 }]) =>
    ({ metadata: { name }, endpoints, ports }) as never
  const pod = (name: string, address: string, conditions = {}) => ({ addresses: [address], conditions, targetRef: { name } })

  test('a ready pod is healthy, one that is not is unhealthy, one that ends is none', () => {
    const all = [
      pod('a', '10.0.0.1'),
      pod('b', '10.0.0.2', { ready: false }),
      pod('c', '10.0.0.3', { ready: false, terminating: true }),
    ]
    expect(endpointsOf([slice('s', all)], 'http', undefined).map(({ id, url, health }) => [id, url, health])).toEqual([
      ['a:4318', 'http://10.0.0.1:4318', 'healthy'],
      ['b:4318', 'http://10.0.0.2:4318', 'unhealthy'],
    ])
  })

  test('the port is chosen by name or number; a slice without it has no endpoints', () => {
    const ports = [
      { name: 'grpc', port: 4317 },
      { name: 'http', port: 4318 },
    ]
    const of = (port?: string | number) =>
      endpointsOf([slice('s', [pod('a', '10.0.0.1')], ports)], 'https', port).map(({ url }) => url)
    expect([of(), of('http'), of(4318), of('4318'), of('none')]).toEqual([
      ['https://10.0.0.1:4317'],
      ['https://10.0.0.1:4318'],
      ['https://10.0.0.1:4318'],
      ['https://10.0.0.1:4318'],
      [],
    ])
  })

  test('a pod in two slices counts once, empty slices none, IPv6 has brackets', () => {
    const two = [slice('s', [pod('a', 'fd00::1')]), slice('t', [pod('a', 'fd00::1')]), slice('u', null as never, null as never)]
    expect(endpointsOf(two, 'http', undefined).map(({ url }) => url)).toEqual(['http://[fd00::1]:4318'])
  })
})

describe.skipIf(!process.env.CI && !(await hasGo()))('against a real API server (needs Go to build it)', () => {
  let cluster: Cluster
  const slices = '/apis/discovery.k8s.io/v1/namespaces/telemetry/endpointslices'
  const slice = (name: string, pods: Record<string, boolean>, service = 'gateway') => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    addressType: 'IPv4',
    metadata: { name, labels: { 'kubernetes.io/service-name': service } },
    endpoints: Object.entries(pods).map(([pod, ready], i) => ({
      addresses: [`10.0.0.${i + 1}`],
      conditions: { ready },
      zone: 'a',
      targetRef: { kind: 'Pod', name: pod },
    })),
    ports: [{ name: 'otlp', port: 4318 }],
  })

  beforeAll(async () => {
    cluster = await Cluster.start()
    await cluster.ask('POST', '/api/v1/namespaces', { metadata: { name: 'telemetry' } })
  }, 600_000)
  afterAll(() => cluster?.stop())

  function watching(settings: Partial<KubernetesSettings>, env = {}) {
    const { network, clock, files, tools } = testHost()
    later(() => network.close())
    return follow(
      kubernetesProvider({ service: 'gateway', ...settings }, { clock, random: seeded(1), network, files, env, tools }),
    )
  }

  test('slices that come, change and go are followed', async () => {
    const told = watching({ kubeconfig: await cluster.kubeconfig('admin') })
    await expect.poll(() => told.sets.length, wait).toBe(1)
    expect(told.last()).toEqual([])
    await cluster.ask('POST', slices, slice('gateway-1', { a: true, b: true }))
    await cluster.ask('POST', slices, slice('other-1', { x: true }, 'other'))
    await expect.poll(() => told.ids(), wait).toEqual(['a:4318', 'b:4318'])
    await cluster.ask('PUT', `${slices}/gateway-1`, slice('gateway-1', { a: false, b: true }))
    await expect.poll(() => told.last()?.map(({ health }) => health), wait).toEqual(['unhealthy', 'healthy'])
    await cluster.ask('POST', slices, slice('gateway-2', { c: true }))
    await expect.poll(() => told.ids(), wait).toEqual(['a:4318', 'b:4318', 'c:4318'])
    await cluster.ask('DELETE', `${slices}/gateway-1`)
    await expect.poll(() => told.ids(), wait).toEqual(['c:4318'])
    await cluster.ask('DELETE', `${slices}/gateway-2`)
    await expect.poll(() => told.ids(), wait).toEqual([])
    expect(told.failures).toEqual([])
  })

  test('credentials that may not list are told, and not shown', async () => {
    const told = watching({ kubeconfig: await cluster.kubeconfig('nobody') })
    await expect
      .poll(() => told.failures[0], wait)
      .toBe('Kubernetes: HTTP status 403, the credentials do not allow to list and watch endpointslices')
    const wrong = watching({ kubeconfig: await cluster.kubeconfig('guessed') })
    await expect.poll(() => wrong.failures[0], wait).toBe('Kubernetes: HTTP status 401, the credentials are not valid')
  })

  test('the namespace is that of the context, unless another is named', async () => {
    await cluster.ask('POST', slices, slice('gateway-3', { d: true }))
    const kubeconfig = await cluster.kubeconfig('admin')
    const [own, other, named] = [{}, { context: 'elsewhere' }, { context: 'elsewhere', namespace: 'telemetry' }].map(extra =>
      watching({ ...extra }, { KUBECONFIG: kubeconfig }),
    )
    await expect.poll(() => [own, other, named].map(one => one!.ids()), wait).toEqual([['d:4318'], [], ['d:4318']])
  })

  test('credentials come from the program that the kubeconfig names, anew when the server does not take them', async () => {
    const kubeconfig = await cluster.kubeconfig('admin')
    const folder = kubeconfig.replace(/[^/]*$/, '')
    const apiVersion = 'client.authentication.k8s.io/v1'
    // The first token is one that the server does not know.
    const script = `#!/bin/sh
echo run >> "$0.runs"
[ "$(wc -l < "$0.runs")" -gt 1 ] && token=admin || token=stale
echo "{\\"kind\\":\\"ExecCredential\\",\\"apiVersion\\":\\"${apiVersion}\\",\\"status\\":{\\"token\\":\\"$token\\"}}"
`
    await writeFile(`${folder}login`, script, { mode: 0o755 })
    const text = await readFile(kubeconfig, 'utf8')
    const exec = text.replace('token: admin', `exec: { apiVersion: ${apiVersion}, command: ./login, interactiveMode: Never }`)
    await writeFile(`${folder}exec.yaml`, exec)
    const told = watching({ kubeconfig: `${folder}exec.yaml` })
    await expect.poll(() => told.failures[0], wait).toBe('Kubernetes: HTTP status 401, the credentials are not valid')
    await expect.poll(() => told.sets.length, wait).toBeGreaterThan(0)
    expect((await readFile(`${folder}login.runs`, 'utf8')).match(/run/g)).toHaveLength(2)
  })

  test.skipIf(!process.env.CI && !hasKubectl)(
    'kubectl is a way to the API, and the one for what only it understands',
    async () => {
      if (!hasKubectl) process.env.PATH = `${dirname((await buildControllers()).kubectl)}${delimiter}${process.env.PATH}`
      const kubeconfig = await cluster.kubeconfig('admin')
      const impersonating = kubeconfig.replace('admin.yaml', 'as.yaml')
      await writeFile(
        impersonating,
        (await readFile(kubeconfig, 'utf8')).replace('token: admin', 'token: admin, as: somebody, as-groups: [system:masters]'),
      )
      const both = [watching({ kubeconfig, through: 'kubectl' }), watching({ kubeconfig: impersonating })]
      await expect.poll(() => both.map(({ sets }) => sets.length > 0), wait).toEqual([true, true])
      await cluster.ask('POST', slices, slice('gateway-4', { k: true }))
      await expect.poll(() => both.map(told => told.ids()?.includes('k:4318')), wait).toEqual([true, true])
      await cluster.ask('DELETE', `${slices}/gateway-4`)
      await expect.poll(() => both.map(told => told.ids()?.includes('k:4318')), wait).toEqual([false, false])
      const refused = watching({ kubeconfig: await cluster.kubeconfig('nobody'), through: 'kubectl' })
      await expect
        .poll(() => refused.failures[0], wait)
        .toContain('may not list endpointslices.discovery.k8s.io in namespace telemetry')
    },
    600_000,
  )

  test('a server that is not there is told, and so is a context that is not', async () => {
    const kubeconfig = await cluster.kubeconfig('admin')
    const told = watching({ kubeconfig, context: 'nowhere' })
    await expect.poll(() => told.failures[0], wait).toContain('there is no context nowhere')
  })
})
