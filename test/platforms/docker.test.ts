import { describe, expect, test } from 'vitest'
import { readContainer } from '../../src/platforms/container.ts'
import { Docker } from '../../src/platforms/docker.ts'
import { FakeEngine } from '../fake-docker.ts'
import { fakeHost } from '../fake-host.ts'
import type { Said } from '../fake-tools.ts'

const PRIMARY = { Id: 'a1', Name: '/primary', State: { Status: 'running' } }

async function connected(env: Record<string, string> = {}, context = 'default') {
  const host = fakeHost({ env })
  const engine = new FakeEngine(host, [PRIMARY])
  engine.context = context
  engine.address = env.DOCKER_HOST ?? engine.address
  return { host, engine, docker: await Docker.connect('docker', host) }
}

describe('what docker and podman say is translated once', () => {
  const cases: readonly [said: string, code: string, message: RegExp, hint?: RegExp][] = [
    [
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'no-answer',
      /^no container engine answers at unix:\/\/\/var\/run\/docker\.sock$/,
      /systemctl start docker/,
    ],
    [
      'Cannot connect to the Docker daemon at tcp://127.0.0.1:1. Is the docker daemon running?',
      'no-answer',
      /^no container engine answers at tcp:\/\/127\.0\.0\.1:1$/,
    ],
    [
      'failed to connect to the docker API at unix:///run/docker.sock; check if the path is correct and if the daemon is running',
      'no-answer',
      /answers at unix:\/\/\/run\/docker\.sock$/,
    ],
    [
      'Cannot connect to Podman. Please verify your connection to the Linux system',
      'no-answer',
      /answers: Cannot connect to Podman/,
    ],
    [
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.50/containers/json": dial unix /var/run/docker.sock: connect: permission denied',
      'no-access',
      /^this user may not use the container engine at unix:\/\/\/var\/run\/docker\.sock$/,
      /group `docker`/,
    ],
    [
      'Error response from daemon: No such container: primry',
      'no-such-object',
      /^there is no container primry$/,
      /docker ps --all/,
    ],
    ['Error: no container with name or ID "primry" found: no such container', 'no-such-object', /^there is no container primry$/],
    ['Error: inspecting object: no such container primry', 'no-such-object', /^there is no container primry$/],
    ['Error: "/x" could not be found on container primary: no such file or directory', 'no-such-file', /\/x: no such file$/],
    [
      'Failed to initialize: unable to resolve docker endpoint: context "nope": context not found: open /root/.docker/contexts/meta/x/meta.json: no such file or directory',
      'no-such-object',
      /^docker has no context nope$/,
      /docker context ls/,
    ],
    ['Error response from daemon: Could not find the file /x in container a1', 'no-such-file', /\/x: no such file$/],
    ['Error response from daemon: something else went wrong', 'tool-failed', /^docker inspect x: something else went wrong$/],
  ]

  test.each(cases)('%s', async (err, code, message, hint = /./) => {
    const { docker, engine } = await connected()
    engine.broken = { code: 1, err: `WARNING: Error loading config file\n${err}\n` }
    const expected = { code, message: expect.stringMatching(message) }
    await expect(docker.container('x')).rejects.toMatchObject(expected)
    if (code !== 'tool-failed' && code !== 'no-such-file')
      await expect(docker.container('x')).rejects.toMatchObject({ hint: expect.stringMatching(hint) })
  })

  test.each<[Said, RegExp]>([
    [{ code: undefined, timedOut: true }, /no answer in time/],
    [{ code: undefined }, /ended before it could answer/],
    [{ code: 7 }, /ended with 7/],
  ])('%j', async (said, message) => {
    const { docker, engine } = await connected()
    engine.broken = said
    await expect(docker.container('x')).rejects.toThrow(message)
  })

  test('not installed', async () => {
    await expect(Docker.connect('docker', fakeHost())).rejects.toMatchObject({ code: 'no-such-tool', exit: 4 })
  })
})

describe('another process reaches the same engine by the same words', () => {
  test.each<[env: Record<string, string>, context: string, words: string[], isLocal: boolean]>([
    [{}, 'default', ['docker'], true],
    [{ DOCKER_HOST: 'unix:///x.sock' }, 'default', ['docker', '--host', 'unix:///x.sock'], true],
    [{ DOCKER_HOST: 'tcp://10.0.0.7:2375' }, 'default', ['docker', '--host', 'tcp://10.0.0.7:2375'], false],
    [{}, 'prod', ['docker', '--context', 'prod'], true],
  ])('%j in context %s', async (env, context, words, isLocal) => {
    const { docker, host } = await connected(env, context)
    expect(docker.engine).toMatchObject({ words, isLocal })
    await docker.kill(await docker.container('primary'))
    expect(host.tools.calls.at(-1)).toBe([...words, 'kill', 'a1'].join(' '))
  })

  test.each([
    [{}, ['podman']],
    [{ CONTAINER_HOST: 'unix:///run/podman.sock' }, ['podman', '--url', 'unix:///run/podman.sock']],
  ])('podman has no contexts: %j', async (env, words) => {
    const host = fakeHost({ env })
    new FakeEngine(host, [PRIMARY], 'podman')
    const docker = await Docker.connect('podman', host)
    expect(docker.engine.words).toEqual(words)
    expect(host.tools.calls).toEqual([[...words, 'version', '--format', '{{json .}}'].join(' ')])
    await docker.copyOut(await docker.container('primary'), '/x', '/tmp/x').catch(() => {})
    expect(host.tools.calls.at(-1)).toBe([...words, 'cp', 'a1:/x', '/tmp/x'].join(' '))
  })

  test('a docker that is podman has none either', async () => {
    const host = fakeHost()
    host.tools.script('docker', ([verb]) =>
      verb === 'context' ? { code: 125, err: 'Error: unrecognized command `podman context`' } : '{}',
    )
    expect((await Docker.connect('docker', host)).engine.words).toEqual(['docker'])
  })
})

test('an engine that leaves things out, or writes null, is understood', () => {
  const bare = readContainer({
    Id: 'a',
    Name: 'podman-name',
    Args: null,
    Mounts: null,
    NetworkSettings: { Ports: null, Networks: null },
  })
  expect(bare).toMatchObject({
    name: 'podman-name',
    status: 'unknown',
    argv: [''],
    mounts: [],
    published: [],
    networks: [],
    stopWithinMs: 10_000,
  })
})

test('published ports, variables, networks', () => {
  const found = readContainer({
    Id: 'a',
    Name: '/main',
    Config: { Env: ['A=1', 'B=x=y', 'EMPTY'], StopTimeout: 30 },
    NetworkSettings: {
      Ports: {
        '4318/tcp': [{ HostIp: '127.0.0.1', HostPort: '14318' }],
        '4317/tcp': null,
        '53/udp': [{ HostIp: '', HostPort: '53' }],
      },
      Networks: { poc_default: { IPAddress: '172.18.0.2', Aliases: ['main', 'a1b2'] } },
    },
  })
  expect(found).toMatchObject({
    env: { A: '1', B: 'x=y', EMPTY: '' },
    published: [{ port: 4318, hostIp: '127.0.0.1', hostPort: 14_318 }],
    networks: [{ name: 'poc_default', address: '172.18.0.2', aliases: ['main', 'a1b2'] }],
    stopWithinMs: 30_000,
  })
})
