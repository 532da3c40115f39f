import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { byHand, perform } from '../../src/chaos/inverse.ts'
import type { KubernetesSettings } from '../../src/chaos/targets/kubernetes/settings.ts'
import { kubernetesTarget } from '../../src/chaos/targets/kubernetes.ts'
import { readGraph } from '../../src/collector/read-graph.ts'
import { readConfig } from '../../src/source/read-config.ts'
import { type FakeHost, fakeHost } from '../fake-host.ts'
import type { Said } from '../fake-tools.ts'

const POC = await readFile('fixtures/poc/main.yaml')
const { root } = await readConfig(['main.yaml'], { read: async () => POC, env: {} })
const graph = readGraph(root)
const RUN = '00000000000000ab'

const collector = {
  workload: 'statefulset/gateway',
  traffic: 'http://127.0.0.1:4318',
  metrics: 'http://127.0.0.1:8888/metrics',
  trafficPort: 4318,
  metricsPort: 8888,
}
const SETTINGS: KubernetesSettings = {
  context: 'test',
  namespace: 'telemetry',
  collector,
  backends: {
    primary: { workload: 'deployment/primary', metricsPort: 8888 },
    secondary: { cidr: '10.2.3.4/32', arrivals: 'secondary.jsonl', metricsPort: 8888 },
  },
}

interface Changes {
  readonly forbidden?: (verb: string, resource: string) => boolean
  readonly pods?: readonly object[]
  readonly replicas?: number
  readonly kind?: string
}

const pod = (name: string, ready = true) => ({
  metadata: { name, uid: name },
  spec: { nodeName: `node-of-${name}` },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
})

/** A kubectl that knows three workloads and answers as the real one does. */
function cluster({ forbidden = () => false, pods = [pod('a-0')], replicas = 2, kind = 'Deployment' }: Changes = {}): FakeHost {
  const body = new TextEncoder().encode('up 1\n')
  const host = fakeHost({ network: { request: async () => ({ kind: 'answer', status: 200, headers: {}, body }) } })
  host.tools.script('kubectl', (words): Said => {
    const said = words.filter(word => !word.startsWith('--')).join(' ')
    const [, verb = '', resource = ''] = /auth can-i (\S+) (\S+)/.exec(said) ?? []
    if (verb) return forbidden(verb, resource) ? { out: 'no\n', code: 1 } : 'yes\n'
    if (/get pods .*selector|get pods/.test(words.join(' '))) return JSON.stringify({ items: pods })
    if (/ get (statefulset|deployment|daemonset) /.test(` ${said}`))
      return JSON.stringify({ kind, spec: { replicas, selector: { matchLabels: { app: 'primary' } } } })
    if (/ create /.test(` ${said} `)) return '{}'
    return ''
  })
  return host
}

const opened = (host: FakeHost, settings: Partial<KubernetesSettings> = {}) =>
  kubernetesTarget({ ...SETTINGS, ...settings }, graph, RUN, host)

const changes = ({ tools }: FakeHost) =>
  tools.calls
    .filter(call => /scale|delete|create|cordon|rollout/.test(call) && !call.includes('can-i'))
    .map(call => call.replace(/ --request-timeout=\S+/, ''))

describe('deeds and their inverse', () => {
  test.each([
    ['stop', 'scale deployment/primary --replicas=2'],
    ['kill', 'rollout status deployment/primary'],
    ['node-loss', 'uncordon node-of-a-0'],
  ] as const)('%s', async (deed, back) => {
    const host = cluster()
    const target = await opened(host)
    const primary = target.backends.find(({ name }) => name === 'primary')
    const prepared = await primary?.prepare(deed, { kind: deed, on: 'primary' })
    expect(changes(host)).toEqual([])
    expect(prepared?.inverse && byHand(prepared.inverse)).toContain(back)
    await target.close()
  })

  test('a backend outside of the cluster is cut off by a policy on the collector, and the policy is removed by name', async () => {
    const host = cluster()
    const target = await opened(host)
    const secondary = target.backends.find(({ name }) => name === 'secondary')
    expect([...(secondary?.can ?? [])]).toEqual(['partition'])
    expect(secondary?.cannot?.stop).toBe('the project file names no workload of it')
    const prepared = await secondary?.prepare('partition', { kind: 'partition', on: 'secondary' })
    await prepared?.inject()
    expect(changes(host).at(-1)).toMatch(/^kubectl --context test --namespace telemetry create -f -/)
    expect(prepared?.inverse && (await perform(prepared.inverse, host))).toBe(
      'network policy failoverctl-00000000-secondary is gone',
    )
    expect(changes(host).at(-1)).toContain('delete networkpolicy failoverctl-00000000-secondary --ignore-not-found')
    await target.close()
  })
})

test.each<[what: string, changes: Changes, settings: Partial<KubernetesSettings>, message: RegExp]>([
  [
    'no pod that is ready',
    { pods: [pod('a-0', false)] },
    { collector: { ...collector, traffic: undefined } },
    /no pod of statefulset\/gateway is ready/,
  ],
  ['what is no workload', {}, { collector: { ...collector, workload: 'pod/a-0' } }, /pod\/a-0 is no workload/],
  [
    'a backend that is not described',
    {},
    { backends: { primary: { metricsPort: 1 } } },
    /kubernetes\.backends does not describe secondary/,
  ],
])('%s is said before anything is done', async (_, what, settings, message) => {
  const host = cluster(what)
  await expect(opened(host, settings)).rejects.toThrow(message)
  expect(changes(host)).toEqual([])
})

test('without kubectl: exit 4, and what to install', async () => {
  await expect(opened(fakeHost())).rejects.toMatchObject({ code: 'no-such-tool', exit: 4 })
})

test('each deed that nobody has given the right to says so; the others can be done', async () => {
  const host = cluster({ forbidden: (verb, resource) => verb === 'delete' && resource === 'pods' })
  const target = await opened(host)
  const primary = target.backends.find(({ name }) => name === 'primary')
  expect([...(primary?.can ?? [])]).toEqual(['stop', 'partition'])
  expect(primary?.cannot).toMatchObject({ kill: 'nobody has given the right to delete pods', pause: expect.any(String) })
  await target.close()
})

test('a DaemonSet cannot be scaled away', async () => {
  const host = cluster()
  const target = await opened(host, {
    backends: { ...SETTINGS.backends, primary: { workload: 'daemonset/primary', metricsPort: 1 } },
  })
  expect(target.backends.find(({ name }) => name === 'primary')?.cannot?.stop).toBe('a DaemonSet cannot be scaled to nothing')
  await target.close()
})
