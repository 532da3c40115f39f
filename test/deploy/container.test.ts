import { describe, expect, test, vi } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { fakeHost } from '../fake-host.ts'
import { GOOD } from '../good-config.ts'

vi.setConfig({ testTimeout: 30_000 })

const NEW = GOOD.replace('limit_mib: 512', 'limit_mib: 400')
const PATH = '/srv/otel/config.yaml'

/** A Compose service of two containers that read one file when they start; `refuses` says with which config they end at once. */
function world(refuses: (config: string) => boolean = () => false) {
  const host = fakeHost({ files: { 'new.yaml': NEW } })
  host.disk.put(PATH, GOOD)
  // Files and disk are one file system.
  const files = host.files as { write: typeof host.files.write; folder: typeof host.files.folder }
  files.write = async (path, data) => void host.disk.put(path, data)
  files.folder = async () => 'writable'
  const status = new Map([
    ['otel-1', 'running'],
    ['otel-2', 'running'],
  ])
  const restarts: string[] = []
  const inspected = (name: string) => ({
    Id: name,
    Name: `/${name}`,
    Path: '/otelcol',
    Args: ['--config=/etc/otelcol/config.yaml'],
    State: { Status: status.get(name), ExitCode: status.get(name) === 'running' ? 0 : 1 },
    Config: { Labels: { 'com.docker.compose.service': 'otel', 'com.docker.compose.project': 'p' } },
    Mounts: [{ Type: 'bind', Source: '/srv/otel', Destination: '/etc/otelcol', RW: false }],
  })
  host.tools.script('docker', words => {
    const [verb, ...rest] = words
    if (verb === 'context')
      return JSON.stringify([{ Name: 'default', Endpoints: { docker: { Host: 'unix:///run/docker.sock' } } }])
    if (verb === 'version') return '{}'
    if (verb === 'ps') return [...status.keys()].join('\n')
    if (verb === 'container') return JSON.stringify(rest.slice(1).map(inspected))
    if (verb === 'restart') {
      const [name = ''] = rest
      restarts.push(name)
      status.set(name, refuses(host.disk.text(PATH)) ? 'exited' : 'running')
      return name
    }
    return { code: 1, err: `unknown ${verb}` }
  })
  const deploy = async (more: readonly string[] = []) => {
    let exit: number | undefined
    const argv = ['deploy', 'new.yaml', '--to', 'compose/otel', '--no-probes', '--hold', '4s', ...more]
    void main(argv, host).then(code => {
      exit = code
    })
    // Real time, too: the parts of the tool are loaded when they are needed.
    for (let turn = 0; turn < 5000 && exit === undefined; turn++) {
      await host.clock.advance(1000)
      await new Promise(resolve => setTimeout(resolve, 1))
    }
    return { exit, out: host.out, err: host.err }
  }
  return { host, deploy, restarts, status }
}

describe('a Compose service', () => {
  test('gets the file, and each container a restart', async () => {
    const { host, deploy, restarts } = world()
    expect(await deploy()).toMatchObject({ exit: 0, out: expect.stringContaining('deployed to compose/otel') })
    expect([host.disk.text(PATH), restarts]).toEqual([NEW, ['otel-1', 'otel-2']])
  })

  test('whose collectors end with the new config gets the old one back', async () => {
    const { host, deploy, status } = world(config => config === NEW)
    expect(await deploy()).toMatchObject({ exit: 1, out: expect.stringContaining('container otel-1 is exited, it ended with 1') })
    expect([host.disk.text(PATH), ...status.values()]).toEqual([GOOD, 'running', 'running'])
  })

  test('that does not come back at all is said to be unfinished', async () => {
    const { host, deploy } = world(() => true)
    expect(await deploy()).toMatchObject({ exit: 5, out: expect.stringContaining('not as it was: container otel-1') })
    expect(host.disk.text(PATH)).toBe(GOOD)
  })

  test('--dry-run changes nothing', async () => {
    const { host, deploy, restarts } = world()
    expect(await deploy(['--dry-run'])).toMatchObject({ exit: 0, out: expect.stringMatching(/^\+.*limit_mib: 400/m) })
    expect([host.disk.text(PATH), restarts]).toEqual([GOOD, []])
  })

  test('--canary makes no sense there', async () => {
    expect(await world().deploy(['--canary'])).toMatchObject({
      exit: 2,
      err: expect.stringContaining('all its containers read one file'),
    })
  })
})

test('a config that the named collector refuses is not deployed', async () => {
  const { host, deploy, restarts } = world()
  host.tools.script('mycol', words => ({ code: 1, err: `bad: ${words.join(' ')}\nheaders: {authorization: hunter2}` }))
  const done = await deploy(['--validate-with', 'mycol'])
  expect(done).toMatchObject({ exit: 1, err: expect.stringContaining('mycol validate refuses new.yaml; nothing was changed') })
  expect(done.err).not.toContain('hunter2')
  expect(restarts).toEqual([])
})

test('an otelcol of PATH that lacks components is no reason to refuse', async () => {
  const { host, deploy } = world()
  host.tools.script('otelcol', () => ({ code: 1, err: '\'connectors\' unknown type: "failover" for id: "failover"' }))
  expect(await deploy()).toMatchObject({ exit: 0, out: expect.stringContaining('otelcol of PATH lacks components') })
})

test.each([
  [['deploy', 'new.yaml'], 2, 'no target is named'],
  [['deploy', 'new.yaml', '--to', 'job/x'], 2, 'no such kind of target'],
  [['deploy', 'none.yaml', '--to', 'compose/x'], 3, 'no such file'],
  [['deploy', 'new.yaml', '--to', 'statefulset/x'], 4, 'kubectl is not installed'],
  [['deploy', 'new.yaml', '--to', 'file:x'], 2, 'no collector is named that reads it'],
  [['rollback', '--to', 'file:x'], 4, 'no config from before is known'],
  [['history', '--to', 'file:x'], 0, ''],
  [['deploy', 'recover'], 0, ''],
] as const)('%j ends with %d', async (argv, exit, words) => {
  const host = fakeHost({ files: { 'new.yaml': NEW } })
  expect(await main(argv, host)).toBe(exit)
  expect(host.err).toContain(words)
})
