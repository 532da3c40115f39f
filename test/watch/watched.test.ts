import { describe, expect, test } from 'vitest'
import { collectorsInCompose } from '../../src/watch/compose.ts'
import { podsOf } from '../../src/watch/kubernetes.ts'
import { DEFAULT_PORTS } from '../../src/watch/source.ts'
import { parseWatched, shownUrl, withOwnNames } from '../../src/watch/watched.ts'
import { FakeTools } from '../fake-tools.ts'

describe('--collector', () => {
  test.each([
    ['http://h:8888/metrics', { name: 'h:8888', metricsUrl: 'http://h:8888/metrics', healthUrl: undefined }],
    ['h:8888', { name: 'h:8888', metricsUrl: 'http://h:8888/metrics', healthUrl: undefined }],
    ['[::1]:8888', { name: '[::1]:8888', metricsUrl: 'http://[::1]:8888/metrics', healthUrl: undefined }],
    ['https://h/m,name=eu', { name: 'eu', metricsUrl: 'https://h/m', healthUrl: undefined }],
    ['h:1,health=h:2', { name: 'h:1', metricsUrl: 'http://h:1/metrics', healthUrl: 'http://h:2/' }],
    ['h:1,health=http://h:2/live', { name: 'h:1', metricsUrl: 'http://h:1/metrics', healthUrl: 'http://h:2/live' }],
  ])('%s', (text, expected) => expect(parseWatched(text)).toEqual(expected))

  test.each(['', 'ftp://h/', 'http://', 'h:1,helth=h:2', 'h:99999'])('%s is refused', text =>
    expect(() => parseWatched(text)).toThrow(/--collector/),
  )
  test('names are made different', () => {
    expect(withOwnNames(['a:1', 'a:1', 'a:1'].map(parseWatched)).map(({ name }) => name)).toEqual(['a:1', 'a:1 (2)', 'a:1 (3)'])
  })
  test('no password is shown', () => expect(shownUrl('http://u:p@h/metrics?token=x')).toBe('http://h/metrics?…'))
})

describe('--compose', () => {
  const services = (text: string) => collectorsInCompose('compose.yaml', `services:\n${text}`, DEFAULT_PORTS)
  test.each([
    ['  a: { ports: ["8888:8888"] }', 'http://127.0.0.1:8888/metrics', undefined],
    ['  a: { ports: ["127.0.0.1:18888:8888/tcp", "13133:13133"] }', 'http://127.0.0.1:18888/metrics', 'http://127.0.0.1:13133/'],
    ['  a: { ports: [{ target: 8888, published: 9 }] }', 'http://127.0.0.1:9/metrics', undefined],
    ['  a: { ports: ["10.0.0.1:9:8888"] }', 'http://10.0.0.1:9/metrics', undefined],
    ['  a: { network_mode: host, expose: [8888] }', 'http://127.0.0.1:8888/metrics', undefined],
  ])('%s', (text, metricsUrl, healthUrl) => expect(services(text)).toEqual([{ name: 'a', metricsUrl, healthUrl }]))

  test.each(['  a: { ports: ["4317:4317"] }', '  a: { ports: ["8888"] }', '  a: { image: b }'])('%s is none', text =>
    expect(() => services(text)).toThrow(/no service publishes port 8888/),
  )
  test('what is no Compose file', () =>
    expect(() => collectorsInCompose('a.yaml', 'receivers: {}', DEFAULT_PORTS)).toThrow(/no `services`/))
})

describe('--kubernetes', () => {
  const pod = (name: string, phase = 'Running', ports: readonly object[] = []) => ({
    metadata: { name, namespace: 'obs' },
    spec: { containers: [{ ports }] },
    status: { phase },
  })
  const selection = { selector: 'app=collector', namespace: 'obs', context: undefined, ports: DEFAULT_PORTS }
  const tools = (items: readonly object[]) => {
    const fake = new FakeTools()
    fake.script('kubectl', words => (words[0] === 'proxy' ? 'Starting to serve on 127.0.0.1:4711\n' : JSON.stringify({ items })))
    return fake
  }
  const at = (name: string, port: number) => `http://127.0.0.1:4711/api/v1/namespaces/obs/pods/${name}:${port}/proxy`

  test('running pods, through one proxy', async () => {
    const fake = tools([
      pod('otel-0', 'Running', [{ name: 'health', containerPort: 13133 }]),
      pod('otel-1', 'Pending'),
      pod('otel-2', 'Running', [{ name: 'metrics', containerPort: 9999 }]),
    ])
    const source = await podsOf(selection, fake)
    expect(await source.list()).toEqual([
      { name: 'otel-0', metricsUrl: `${at('otel-0', 8888)}/metrics`, healthUrl: `${at('otel-0', 13133)}/` },
      { name: 'otel-2', metricsUrl: `${at('otel-2', 9999)}/metrics`, healthUrl: undefined },
    ])
    await source.list()
    expect(fake.calls).toEqual([
      'kubectl --namespace obs --request-timeout=20s get pods --selector app=collector -o json',
      'kubectl proxy --port=0',
      'kubectl --namespace obs --request-timeout=20s get pods --selector app=collector -o json',
    ])
  })
  test('no such pod', () =>
    expect(podsOf(selection, tools([]))).rejects.toThrow(/no pod has the labels app=collector in namespace obs/))
  test('no rights', async () => {
    const fake = new FakeTools()
    fake.script('kubectl', () => ({
      code: 1,
      err: 'Error from server (Forbidden): pods is forbidden: User "x" cannot list resource "pods"',
    }))
    await expect(podsOf(selection, fake)).rejects.toMatchObject({
      code: 'no-access',
      message: expect.stringContaining('list pods'),
    })
  })
  test('no kubectl', () => expect(podsOf(selection, new FakeTools())).rejects.toMatchObject({ code: 'no-such-tool' }))
})
