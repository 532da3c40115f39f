import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { PlannedFault } from '../../src/chaos/experiment.ts'
import { perform } from '../../src/chaos/inverse.ts'
import { composeTarget } from '../../src/chaos/targets/compose.ts'
import { dockerTarget } from '../../src/chaos/targets/docker.ts'
import { main } from '../../src/cli/main.ts'
import { readGraph } from '../../src/collector/read-graph.ts'
import type { HttpRequest } from '../../src/core/host.ts'
import { readConfig } from '../../src/source/read-config.ts'
import { type FakeContainer, FakeEngine } from '../fake-docker.ts'
import { fakeHost } from '../fake-host.ts'

const [MAIN, PRIMARY, SECONDARY, COMPOSE] = await Promise.all(
  ['main.yaml', 'primary.yaml', 'secondary.yaml', 'compose.yaml'].map(name => readFile(`fixtures/poc/${name}`, 'utf8')),
)
const { root } = await readConfig(['main.yaml'], { read: async () => new TextEncoder().encode(MAIN), env: {} })
const graph = readGraph(root)
const RUN = '00000000000000ab'
const CONFIG = '/etc/otelcol/config.yaml'
const DEBUG_ONLY = `receivers: {otlp: {protocols: {grpc: {endpoint: 0.0.0.0:4327}}}}
exporters: {debug: }
service: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}
`

/** A service of the proof of concept as compose 2 makes it. */
const service = (name: string, config: string, more: Partial<FakeContainer> = {}): FakeContainer => ({
  Id: `id-${name}`,
  Name: `/otel-collector-${name}`,
  Path: '/otelcol-contrib',
  Args: [`--config=${CONFIG}`],
  State: { Status: 'running', Pid: 4711 },
  HostConfig: { NetworkMode: 'poc_default' },
  NetworkSettings: { Networks: { poc_default: { IPAddress: '172.18.0.9', Aliases: [`otel-collector-${name}`] } } },
  files: { [CONFIG]: config, [`/var/otel/${name}.jsonl`]: '' },
  ...more,
  Config: {
    Labels: {
      'com.docker.compose.project': 'poc',
      'com.docker.compose.service': `otel-collector-${name}`,
      'com.docker.compose.project.config_files': '/poc/compose.yaml',
      'com.docker.compose.project.working_dir': '/poc',
      'com.docker.compose.oneoff': 'False',
    },
    ...more.Config,
  },
})

const PORTS = {
  Ports: { '4318/tcp': [{ HostIp: '127.0.0.1', HostPort: '14318' }], '8888/tcp': [{ HostIp: '0.0.0.0', HostPort: '18888' }] },
  Networks: { poc_default: { IPAddress: '172.18.0.2', Aliases: ['otel-collector-main'] } },
}
const poc = (): FakeContainer[] => [
  service('main', MAIN as string, { Id: 'id-main', NetworkSettings: PORTS }),
  service('primary', PRIMARY as string),
  service('secondary', SECONDARY as string),
]

const METRICS = 'otelcol_process_uptime 1\notelcol_exporter_sent_spans_total{exporter="otlp/primary"} 5\n'

function world(containers: readonly FakeContainer[], open = [14_318, 18_888], metrics = METRICS) {
  const asked: string[] = []
  const host = fakeHost({
    files: { 'compose.yaml': COMPOSE as string, '/poc/compose.yaml': COMPOSE as string, 'main.yaml': MAIN as string },
    network: {
      connect: async ({ port }) => (open.includes(port) ? { kind: 'open' } : { kind: 'not-sent', reason: 'refused' }),
      request: async ({ url }: HttpRequest) => {
        asked.push(url)
        return { kind: 'answer', status: 200, headers: {}, body: new TextEncoder().encode(metrics) }
      },
    },
  })
  // The same file by both of its paths.
  const file = host.disk.names.get('/poc/compose.yaml')
  if (file) host.disk.names.set('compose.yaml', file)
  return { host, engine: new FakeEngine(host, containers), asked }
}

const SETTINGS = { command: 'docker', file: 'compose.yaml' }
const compose = (containers: readonly FakeContainer[], settings = {}, open?: number[]) =>
  composeTarget({ ...SETTINGS, ...settings }, graph, RUN, world(containers, open).host)

describe('the proof of concept by its Compose file', () => {
  test('backends, traffic, metrics and witnesses are found', async () => {
    const { host, asked } = world(poc())
    const target = await composeTarget(SETTINGS, graph, RUN, host)
    expect(target).toMatchObject({
      trafficUrl: 'http://127.0.0.1:14318',
      trafficOver: 'http',
      metricsUrl: 'http://127.0.0.1:18888/metrics',
      collector: { name: 'collector' },
    })
    expect(asked).toContain('http://127.0.0.1:18888/metrics')
    expect(target.backends.map(({ name, exporters }) => [name, exporters])).toEqual([
      ['primary', ['otlp/primary']],
      ['secondary', ['otlp/secondary']],
    ])
    expect(target.notes).toEqual(
      expect.arrayContaining([expect.stringMatching(/^primary is counted by a file that is copied out of its container/)]),
    )
    await target.close()
  })

  test('a backend that writes no file is counted by what its senders say, and the report says so', async () => {
    const [main, , secondary] = poc() as [FakeContainer, FakeContainer, FakeContainer]
    // Without an address its own metrics are out of reach.
    const unreachable = { Networks: { poc_default: { Aliases: ['otel-collector-primary'] } } }
    const { host } = world([main, service('primary', DEBUG_ONLY, { NetworkSettings: unreachable }), secondary])
    const target = await composeTarget(SETTINGS, graph, RUN, host)
    expect(target.notes).toEqual(
      expect.arrayContaining([
        'primary has no file that tells which spans came (its config has no file exporter in a pipeline of traces): it is counted by what otlp/primary has sent and it has acknowledged, which does not prove that it was kept',
      ]),
    )
    expect(await target.backends[0]?.witness()).toMatchObject({
      counted: 0,
      why: expect.stringContaining('what otlp/primary has sent'),
    })
    await target.close()
  })

  const cases: [
    what: string,
    change: (all: FakeContainer[]) => FakeContainer[],
    settings: object,
    code: string,
    message: RegExp,
    open?: number[],
  ][] = [
    ['nothing of it runs', () => [], {}, 'no-such-object', /^no containers of compose\.yaml$/],
    ['another project', all => all, { name: 'prod' }, 'no-such-object', /^no containers of compose\.yaml in the project prod$/],
    [
      'it runs twice',
      all => [
        ...all,
        ...all.map(each => ({
          ...each,
          Id: `${each.Id}2`,
          Config: { Labels: { ...each.Config?.Labels, 'com.docker.compose.project': 'poc2' } },
        })),
      ],
      {},
      'wrong-use',
      /^compose\.yaml runs as several projects: poc, poc2$/,
    ],
    [
      'a backend that is stopped',
      all => all.map(each => (each.Id === 'id-primary' ? { ...each, State: { Status: 'exited', ExitCode: 137 } } : each)),
      {},
      'no-process',
      /^container otel-collector-primary does not run: it has ended with 137$/,
    ],
    [
      'a backend that is paused',
      all => all.map(each => (each.Id === 'id-primary' ? { ...each, State: { Status: 'paused' } } : each)),
      {},
      'no-process',
      /^container otel-collector-primary does not run: it is paused$/,
    ],
    [
      'a backend without a container',
      all => all.filter(({ Id }) => Id !== 'id-primary'),
      {},
      'no-such-object',
      /^otlp\/primary sends to otel-collector-primary:4327, and no container answers to that \(there are otel-collector-secondary\)$/,
    ],
    [
      'a backend with two containers',
      all => [...all, { ...(all[1] as FakeContainer), Id: 'id-primary-2', Name: '/poc-primary-2' }],
      {},
      'wrong-use',
      /^otlp\/primary sends to otel-collector-primary:4327, which is several containers \(otel-collector-primary, poc-primary-2\)/,
    ],
    [
      'no collector with these connectors',
      all => all.map(each => (each.Id === 'id-main' ? { ...each, files: { [CONFIG]: PRIMARY as string } } : each)),
      {},
      'wrong-use',
      /^no container is known as the collector: where is its OTLP\?$/,
    ],
    [
      'a port that is not published',
      all => all,
      {},
      'no-answer',
      /^port 4318 of otel-collector-main \(OTLP\) is not reached from here$/,
      [18_888],
    ],
    [
      'metrics on localhost inside of the container',
      all =>
        all.map(each =>
          each.Id === 'id-main'
            ? { ...each, files: { [CONFIG]: (MAIN as string).replace('host: 0.0.0.0', 'host: localhost') } }
            : each,
        ),
      {},
      'no-answer',
      /^otel-collector-main serves its metrics on localhost inside of the container, where nobody else reaches it$/,
      [14_318],
    ],
    [
      'a service that is misspelt',
      all => all,
      { backends: { primary: { container: 'otel-colector-primary' } } },
      'no-such-object',
      /^compose\.yaml has no container of a service otel-colector-primary$/,
    ],
    ['a Compose file that is none', all => all, { file: 'main.yaml' }, 'not-a-config', /^main\.yaml:1: no `services`/],
    ['a Compose file that there is not', all => all, { file: 'nothing.yaml' }, 'no-such-file', /^nothing\.yaml: no such file/],
  ]

  test.each(cases)('%s: said before the first fault', async (_, change, settings, code, message, open) => {
    await expect(compose(change(poc()), settings, open)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('a container of `docker compose run` is none of its services', async () => {
    const oneOff = poc().map(each => ({
      ...each,
      Id: `${each.Id}-run`,
      Config: { Labels: { ...each.Config?.Labels, 'com.docker.compose.oneoff': 'True' } },
    }))
    const target = await compose([...oneOff, ...poc()])
    expect(target.backends).toHaveLength(2)
    await target.close()
  })
})

describe('a deed and what takes it back', () => {
  const FAULT: PlannedFault = { kind: 'stop', on: 'primary' }

  test.each([
    ['stop', 'exited', 'docker stop id-primary', 'start'],
    ['kill', 'exited', 'docker kill id-primary', 'start'],
    ['pause', 'paused', 'docker pause id-primary', 'unpause'],
  ] as const)('%s', async (deed, status, call, verb) => {
    const { host, engine } = world(poc())
    const target = await composeTarget(SETTINGS, graph, RUN, host)
    const prepared = await target.backends[0]?.prepare(deed, FAULT)
    expect(prepared?.inverse).toMatchObject({ do: 'run', commands: [['docker', verb, 'otel-collector-primary']] })
    expect(engine.status('id-primary')).toBe('running')
    await prepared?.inject()
    expect(engine.status('id-primary')).toBe(status)
    expect(host.tools.calls).toContain(call)
    for (const turn of [1, 2]) {
      await prepared?.undo()
      expect([turn, engine.status('id-primary')]).toEqual([turn, 'running'])
    }
    await target.close()
  })

  const CHANGED: PlannedFault = { kind: 'config', on: 'collector', file: 'main.yaml' }
  const mounted = { Type: 'bind', Source: '/poc/main.yaml', Destination: CONFIG, RW: false }

  test.each<[what: string, mounts: NonNullable<FakeContainer['Mounts']>, commands: string[], back: string[]]>([
    [
      'a file that is mounted is written in place',
      [mounted],
      [
        'cp -- /poc/main.yaml /poc/main.yaml.failoverctl-00000000000000ab',
        'cp -- main.yaml /poc/main.yaml',
        'docker kill --signal HUP id-main',
      ],
      [
        'cp -- /poc/main.yaml.failoverctl-00000000000000ab /poc/main.yaml',
        'rm -f -- /poc/main.yaml.failoverctl-00000000000000ab',
        'docker kill --signal HUP otel-collector-main',
        'docker start otel-collector-main',
      ],
    ],
    [
      'any other is copied in',
      [],
      [
        `docker cp id-main:${CONFIG} .failoverctl/otel-collector-main-config-00000000000000ab`,
        `docker cp main.yaml id-main:${CONFIG}`,
        'docker kill --signal HUP id-main',
      ],
      [
        `docker cp .failoverctl/otel-collector-main-config-00000000000000ab otel-collector-main:${CONFIG}`,
        'rm -f -- .failoverctl/otel-collector-main-config-00000000000000ab',
        'docker kill --signal HUP otel-collector-main',
        'docker start otel-collector-main',
      ],
    ],
  ])('config: %s', async (_, Mounts, commands, back) => {
    const { host } = world(poc().map(each => (each.Id === 'id-main' ? { ...each, Mounts } : each)))
    for (const tool of ['cp', 'rm']) host.tools.script(tool, () => '')
    const target = await composeTarget(SETTINGS, graph, RUN, host)
    const prepared = await target.collector?.prepare('config', CHANGED)
    const { inverse } = prepared ?? {}
    expect(inverse?.do === 'run' && inverse.commands.map(words => words.join(' '))).toEqual(back)
    const before = host.tools.calls.length
    host.tools.script('docker', () => '')
    await prepared?.inject()
    expect(host.tools.calls.slice(before)).toEqual(commands)
    await target.close()
  })

  const QUEUED = (MAIN as string).replace(
    'service:',
    'extensions: {file_storage: {directory: /var/queue}}\nservice:\n  extensions: [file_storage]',
  )
  const volume = { Type: 'volume', Source: '/data/volumes/queue', Destination: '/var/queue' }
  const at = (mount: string) => `Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/x 1 1 1 1% ${mount}\n`

  test.each<[what: string, config: string, mounts: (typeof volume)[], mount: string, allowed: boolean, why: RegExp | undefined]>([
    ['a volume of its own is filled', QUEUED, [volume], '/data/volumes/queue', false, undefined],
    ['one on the root file system is not', QUEUED, [volume], '/', false, /on the root file system/],
    ['unless that is allowed', QUEUED, [volume], '/', true, undefined],
    ['a folder in the container itself is not', QUEUED, [], '/', false, /^\/var\/queue is on no volume/],
    ['queues in memory have none', MAIN as string, [volume], '/', false, /no file_storage with a directory/],
  ])('disk-full: %s', async (_, config, Mounts, mount, rootVolume, why) => {
    const { host } = world(poc().map(each => (each.Id === 'id-main' ? { ...each, Mounts, files: { [CONFIG]: config } } : each)))
    host.tools.script('df', () => at(mount))
    const target = await composeTarget({ ...SETTINGS, rootVolume }, graph, RUN, host)
    expect(target.collector?.cannot?.['disk-full']).toEqual(why ? expect.stringMatching(why) : undefined)
    expect(target.collector?.can.has('disk-full')).toBe(why === undefined)
    const prepared = why ? undefined : await target.collector?.prepare('disk-full', { kind: 'disk-full', on: 'collector' })
    const file = '/data/volumes/queue/failoverctl-fills-00000000000000ab'
    expect(prepared?.inverse).toEqual(why ? undefined : expect.objectContaining({ commands: [['rm', '-f', '--', file]] }))
    await target.close()
  })

  test('config: a new one that is not there, and a container without a config', async () => {
    const [main, ...others] = poc() as [FakeContainer, ...FakeContainer[]]
    const target = await compose([main, ...others])
    await expect(target.collector?.prepare('config', { ...CHANGED, file: 'nothing.yaml' })).rejects.toMatchObject({
      code: 'no-such-file',
    })
    await target.close()
    const described = {
      collector: 'otel-collector-main',
      traffic: 'http://127.0.0.1:14318',
      metrics: 'http://127.0.0.1:18888/metrics',
    }
    const bare = await compose([{ ...main, Args: [] }, ...others], described)
    expect(bare.collector?.can.has('config')).toBe(false)
    expect(bare.collector?.cannot).toMatchObject({ config: 'it is started without a --config that is a file' })
    await bare.close()
  })

  test('a container that somebody removed meanwhile: the undo fails loudly, and recover has nothing left to do', async () => {
    const { host, engine } = world(poc())
    const target = await composeTarget(SETTINGS, graph, RUN, host)
    const prepared = await target.backends[0]?.prepare('stop', FAULT)
    await prepared?.inject()
    engine.remove('id-primary')
    await expect(prepared?.undo()).rejects.toMatchObject({
      code: 'no-such-object',
      message: expect.stringMatching(/otel-collector-primary is gone/),
    })
    if (!prepared?.inverse) throw new Error('a stop has an inverse')
    expect(await perform(prepared.inverse, host)).toMatch(
      /^nothing was left to take back \(.*No such container: otel-collector-primary\)$/,
    )
    await target.close()
  })

  test('a container that was made anew under its name is back', async () => {
    const { host, engine } = world(poc())
    const target = await composeTarget(SETTINGS, graph, RUN, host)
    const prepared = await target.backends[0]?.prepare('stop', FAULT)
    await prepared?.inject()
    engine.remove('id-primary')
    engine.containers.push({ ...service('primary', PRIMARY as string), Id: 'another' })
    await prepared?.undo()
    expect(engine.status('otel-collector-primary')).toBe('running')
    await target.close()
  })
})

describe('containers that the project file names', () => {
  const named = {
    command: 'docker',
    collector: 'otel-collector-main',
    backends: { primary: { container: 'label=app=one' }, secondary: { container: 'otel-collector-secondary' } },
  }
  const labelled = (label: Record<string, string>) =>
    poc().map(each => (each.Id === 'id-primary' ? { ...each, Config: { Labels: label } } : each))

  test('by name and by label; nothing else is looked at', async () => {
    const other = { ...service('other', PRIMARY as string), Id: 'id-other' }
    const { host } = world([...labelled({ app: 'one' }), other])
    const target = await dockerTarget(named, graph, RUN, host)
    expect(target.backends.map(({ name }) => name)).toEqual(['primary', 'secondary'])
    expect(host.tools.calls.filter(call => call.includes('id-other'))).toEqual([])
    await target.close()
  })

  test.each([[{ app: 'two' }, 'no-such-object', /no container has the label app=one/]])(
    'a label that nobody has: %j',
    async (label, code, message) => {
      await expect(dockerTarget(named, graph, RUN, world(labelled(label)).host)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      })
    },
  )

  test('a label that several have', async () => {
    const all = poc().map(each => ({ ...each, Config: { Labels: { app: 'one' } } }))
    await expect(dockerTarget(named, graph, RUN, world(all).host)).rejects.toThrow('several containers have the label app=one')
  })

  test('an endpoint of this machine means the container that publishes its port', async () => {
    const env = ['PRIMARY_ENDPOINT=host.docker.internal:14327', 'SECONDARY_ENDPOINT=172.18.0.7:4337']
    const [main, primary, secondary] = poc() as [FakeContainer, FakeContainer, FakeContainer]
    const target = await compose([
      { ...main, Config: { ...main.Config, Env: env } },
      { ...primary, NetworkSettings: { Ports: { '4327/tcp': [{ HostIp: '', HostPort: '14327' }] } } },
      { ...secondary, NetworkSettings: { Networks: { poc_default: { IPAddress: '172.18.0.7' } } } },
    ])
    expect(target.backends.map(({ name }) => name)).toEqual(['primary', 'secondary'])
    await target.close()
  })
})

describe('from the command line', () => {
  const run = (...argv: string[]) => {
    const { host } = world(poc())
    return main(['chaos', '--stop', 'primary', '--config', 'main.yaml', ...argv], host).then(exit => ({ exit, err: host.err }))
  }

  test.each([
    [['--target', 'docker'], 2, /the project file names no containers\n.*`docker` in failoverctl\.yaml/],
    [['--target', 'compose'], 2, /no Compose file is named\n.*--compose docker-compose\.yml/],
    [['--target', 'compose', '--compose', 'nothing.yaml'], 3, /nothing\.yaml: no such file/],
    [['--target', 'compose', '--compose', 'compose.yaml', '--docker-command', 'podman'], 4, /podman is not installed/],
    [
      ['--target', 'compose', '--compose', 'compose.yaml', '--compose-project', 'x'],
      4,
      /no containers of compose\.yaml in the project x/,
    ],
  ])('%j: exit %d', async (argv, exit, message) => {
    const result = await run(...argv)
    expect(result).toMatchObject({ exit, err: expect.stringMatching(message) })
  })
})
