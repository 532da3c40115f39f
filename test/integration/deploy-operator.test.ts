import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { main } from '../../src/cli/main.ts'
import { canonical, essence, type Workload } from '../../src/deploy/kubernetes/objects.ts'
import { hashOf } from '../../src/deploy/record.ts'
import type { KubeObject } from '../../src/platforms/kubectl.ts'
import { hasGo } from '../collector/build.mjs'
import { GOOD } from '../good-config.ts'
import { Cluster } from '../kubernetes/cluster.ts'
import { testHost } from '../real-host.ts'

const NEW = GOOD.replace('limit_mib: 512', 'limit_mib: 400')
const STUCK = GOOD.replace('limit_mib: 512', 'limit_mib: 300')
const HASH = 'opentelemetry-operator-config/sha256'
const CRS = '/apis/opentelemetry.io/v1beta1/namespaces/telemetry/opentelemetrycollectors'
const SETS = '/apis/apps/v1/namespaces/telemetry/statefulsets'

type Resource = KubeObject & { spec: { config: unknown } }
const hashOfConfig = (config: unknown) => hashOf(canonical(config))

/** What the operator does with a resource, as far as a deployment can see it: a workload whose template has the hash of the config. */
async function operate(cluster: Cluster): Promise<void> {
  const { items } = (await cluster.ask('GET', CRS)) as { items: Resource[] }
  for (const { metadata, spec } of items) {
    const name = `${metadata.name}-collector`
    const annotations = { [HASH]: await hashOfConfig(spec.config) }
    const found = (await cluster.ask('GET', `${SETS}/${name}`).catch(() => undefined)) as Workload | undefined
    if (found?.spec.template.metadata?.annotations?.[HASH] === annotations[HASH]) continue
    const labels = { app: name }
    const template = {
      metadata: { labels, annotations },
      spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'otc', image: 'x' }] },
    }
    const set = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name },
      spec: { replicas: 2, selector: { matchLabels: labels }, template },
    }
    if (found) await cluster.ask('PUT', `${SETS}/${name}`, { ...found, spec: { ...found.spec, template } })
    else await cluster.ask('POST', SETS, set)
  }
}

describe.skipIf(!process.env.CI && !(await hasGo()))(
  'deploy to an OpenTelemetryCollector resource (needs Go to build the control plane)',
  () => {
    let cluster: Cluster
    let folder: string
    let timer: NodeJS.Timeout
    const [path, cwd] = [process.env.PATH, process.cwd()]

    beforeAll(async () => {
      cluster = await Cluster.start({ controllers: true, unready: { never: { [HASH]: [await hashOfConfig(parse(STUCK))] } } })
      folder = await mkdtemp(join(tmpdir(), 'failoverctl-operator-'))
      process.env.PATH = cluster.path
      process.chdir(folder)
      await cluster.ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'opentelemetrycollectors.opentelemetry.io' },
        spec: {
          group: 'opentelemetry.io',
          scope: 'Namespaced',
          names: { kind: 'OpenTelemetryCollector', plural: 'opentelemetrycollectors', singular: 'opentelemetrycollector' },
          versions: [
            {
              name: 'v1beta1',
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: 'object',
                  properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
                },
              },
            },
          ],
        },
      })
      const resource = {
        apiVersion: 'opentelemetry.io/v1beta1',
        kind: 'OpenTelemetryCollector',
        metadata: { name: 'gateway' },
        spec: { mode: 'statefulset', replicas: 2, config: parse(GOOD) },
      }
      await vi.waitFor(() => cluster.ask('POST', CRS, resource), { timeout: 20_000, interval: 200 })
      let busy = false
      timer = setInterval(async () => {
        if (busy) return
        busy = true
        await operate(cluster).catch(() => {})
        busy = false
      }, 300)
      const ready = ['get', 'statefulset', 'gateway-collector', '-o', 'jsonpath={.status.readyReplicas}']
      await vi.waitFor(async () => expect(await cluster.kubectl(ready)).toBe('2'), { timeout: 30_000, interval: 300 })
    }, 900_000)
    afterAll(async () => {
      clearInterval(timer)
      process.env.PATH = path
      process.chdir(cwd)
      await cluster?.stop()
      await rm(folder, { recursive: true, force: true })
    })

    const objects = async () => {
      const [resource, workload] = [
        await cluster.ask('GET', `${CRS}/gateway`),
        await cluster.ask('GET', `${SETS}/gateway-collector`),
      ]
      return { resource: canonical(essence(resource as Resource)), workload: canonical(essence(workload as Workload)) }
    }
    const deploy = async (config: string, more: readonly string[] = []) => {
      await writeFile('new.yaml', config)
      const host = testHost()
      const kubeconfig = await cluster.kubeconfig('admin')
      const to = [
        '--to',
        'opentelemetrycollector/gateway',
        '--kubeconfig',
        kubeconfig,
        '--no-probes',
        '--hold',
        '0s',
        '--timeout',
        '20s',
      ]
      return { exit: await main(['deploy', 'new.yaml', ...to, ...more], host), ...host.printed }
    }

    test('the config that runs is known again, whatever its layout', async () => {
      expect(await deploy(`# a comment\n${GOOD}`)).toMatchObject({ exit: 0, out: expect.stringContaining('unchanged') })
    }, 60_000)

    test('one whose pods never get ready is rolled back, byte by byte', async () => {
      const before = await objects()
      const done = await deploy(STUCK, ['--timeout', '5s'])
      expect(done).toMatchObject({ exit: 1, out: expect.stringContaining('the old state runs') })
      expect(await objects()).toEqual(before)
    }, 60_000)

    test('a good one runs', async () => {
      const done = await deploy(NEW)
      expect(done).toMatchObject({ exit: 0, out: expect.stringMatching(/^\+ .*limit_mib: 400/m) })
      const resource = (await cluster.ask('GET', `${CRS}/gateway`)) as Resource
      expect(resource.spec.config).toEqual(parse(NEW))
    }, 60_000)

    test('an operator that does nothing is told, and its resource put back', async () => {
      const before = await objects()
      clearInterval(timer)
      const done = await deploy(GOOD, ['--timeout', '3s'])
      expect(done.out).toContain('the operator did nothing within 3s')
      expect(done.exit).toBe(1)
      expect(await objects()).toEqual(before)
    }, 60_000)
  },
)
