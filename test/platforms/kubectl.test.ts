import { describe, expect, test } from 'vitest'
import type { FailoverctlError } from '../../src/core/errors.ts'
import { Kubectl } from '../../src/platforms/kubectl.ts'
import { checkAccess } from '../../src/platforms/kubectl-access.ts'
import { FakeTools, type Said } from '../fake-tools.ts'

const saying = (said: Said | ((words: readonly string[]) => Said)) => {
  const tools = new FakeTools()
  tools.script('kubectl', words => (typeof said === 'function' ? said(words) : said))
  return { tools, kubectl: new Kubectl(tools, { namespace: 'telemetry', context: 'prod' }) }
}

const failing = (err: string) => saying({ code: 1, err }).kubectl

describe('what kubectl says is translated once', () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }
  const cases: readonly [string, string, RegExp][] = [
    [
      'Error from server (Forbidden): configmaps "x" is forbidden: User "bob" cannot update resource "configmaps" in API group "" in the namespace "telemetry"',
      'no-access',
      /^user bob may not update configmaps in namespace telemetry$/,
    ],
    [
      'Error from server (Forbidden): statefulsets.apps "x" is forbidden: User "bob" cannot patch resource "statefulsets" in API group "apps" in the namespace "telemetry"',
      'no-access',
      /may not patch statefulsets\.apps/,
    ],
    ['error: You must be logged in to the server (Unauthorized)', 'no-access', /does not know who asks/],
    ['Error from server (NotFound): configmaps "x" not found', 'no-such-object', /configmaps "x" not found/],
    ['error: the server doesn\'t have a resource type "opentelemetrycollectors"', 'no-such-object', /resource type/],
    [
      'Error from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled on configmaps "x": the object has been modified; please apply your changes to the latest version and try again',
      'conflict',
      /somebody else/,
    ],
    [
      'Error from server (AlreadyExists): error when creating "STDIN": configmaps "x" already exists',
      'conflict',
      /somebody else/,
    ],
    ['The ConfigMap "x" is invalid: []: Too long: may not be more than 1048576 bytes', 'too-large', /1048576/],
    [
      'E1121 13:00:00.1 1 memcache.go:265] "x"\nThe connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
      'no-answer',
      /cluster does not answer \(The connection to the server 127\.0\.0\.1:1 was refused/,
    ],
    ['Unable to connect to the server: net/http: TLS handshake timeout', 'no-answer', /TLS handshake/],
    ['error: context "prod" does not exist', 'bad-kubeconfig', /context "prod"/],
    ['error: cannot locate context none', 'bad-kubeconfig', /context none/],
    ['error: current-context must exist in order to minify', 'bad-kubeconfig', /no cluster is named/],
    ['The StatefulSet "x" is invalid: spec.replicas: Invalid value: -1', 'tool-failed', /spec\.replicas/],
  ]
  test.each(cases)('%s', async (err, code, message) => {
    const error = (await failing(err)
      .replace(object)
      .catch(e => e)) as FailoverctlError
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
  })

  test('a time-out is a lost connection: it may have been done', async () => {
    const { kubectl } = saying({ code: undefined, timedOut: true } as unknown as Said)
    await expect(kubectl.get('configmap', 'x')).rejects.toMatchObject({ code: 'no-answer' })
  })

  test('no kubectl at all', async () => {
    await expect(new Kubectl(new FakeTools()).get('configmap', 'x')).rejects.toMatchObject({ code: 'no-such-tool' })
  })
})

test('context and namespace go in front of every command, objects by standard input', async () => {
  const { tools, kubectl } = saying('{}')
  await kubectl.replace({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { k: 'password: hunter2' } })
  expect(tools.calls).toEqual([
    'kubectl --context prod --namespace telemetry --request-timeout=20s replace --raw /api/v1/namespaces/telemetry/configmaps/x?fieldManager=failoverctl -f -',
  ])
})

test('what is not there is undefined to find, and an error to get', async () => {
  const { kubectl } = saying(words =>
    words.includes('--ignore-not-found') ? '' : { code: 1, err: 'Error from server (NotFound): x' },
  )
  expect(await kubectl.find('configmap', 'x')).toBeUndefined()
  await expect(kubectl.get('configmap', 'x')).rejects.toMatchObject({ code: 'no-such-object' })
})

test('missing rights are all named at once', async () => {
  const { kubectl } = saying(words => (words.includes('update') ? { code: 1, out: 'no\n' } : 'yes\n'))
  await expect(
    checkAccess(kubectl, [
      ['get', 'configmaps'],
      ['update', 'configmaps'],
      ['update', 'statefulsets.apps'],
    ]),
  ).rejects.toMatchObject({
    code: 'no-access',
    message: 'missing rights in namespace telemetry: update configmaps, update statefulsets.apps; nothing was changed',
  })
})

test('a rollout that is not done in time is false, one that cannot be asked for an error', async () => {
  const late = saying({ code: 1, err: 'error: timed out waiting for the condition' }).kubectl
  expect(await late.rolloutStatus('statefulset/x', 1000)).toBe(false)
  await expect(failing('Unable to connect to the server: EOF').rolloutStatus('statefulset/x', 1000)).rejects.toMatchObject({
    code: 'no-answer',
  })
})

test('forwarded ports are those that kubectl names', async () => {
  const { kubectl } = saying('Forwarding from 127.0.0.1:4001 -> 13133\nForwarding from 127.0.0.1:4002 -> 8888\n')
  const forwarding = await kubectl.portForward('a-0', [8888, 13133])
  expect([forwarding.local(8888), forwarding.local(13133)]).toEqual([4002, 4001])
  const broken = saying({ code: 1, err: 'error: unable to forward port because pod is not running' }).kubectl
  await expect(broken.portForward('a-0', [8888])).rejects.toMatchObject({ code: 'tool-failed' })
})
