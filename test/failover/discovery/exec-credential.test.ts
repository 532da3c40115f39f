import { expect, test } from 'vitest'
import { type ExecConfig, ExecCredentials } from '../../../src/failover/discovery/exec-credential.ts'
import { fakeHost } from '../../fake-host.ts'
import type { Said } from '../../fake-tools.ts'

const V1 = 'client.authentication.k8s.io/v1'
const named = { path: '/k/config', cluster: { server: 'https://k' } }
const exec: ExecConfig = { apiVersion: V1, command: 'login', args: ['get-token'] }
const answer = (status: object, apiVersion = V1) => JSON.stringify({ kind: 'ExecCredential', apiVersion, status })

function world(said: Said | (() => Said), command = 'login') {
  const host = fakeHost()
  const infos: unknown[] = []
  host.tools.script(command, (_, { env }) => {
    infos.push(env)
    return typeof said === 'function' ? said() : said
  })
  return { host, infos, credentials: new ExecCredentials(host) }
}

test('the program is asked without a shell, told who asks it, and kept until its token expires', async () => {
  let asked = 0
  const { host, infos, credentials } = world(() => {
    const expirationTimestamp = new Date(host.clock.epochMs() + 60_000).toISOString()
    return answer({ token: `t${++asked}`, expirationTimestamp })
  })
  const given = { ...exec, env: [{ name: 'REGION', value: 'eu' }], provideClusterInfo: true }
  const token = async () => (await credentials.of(given, named)).token
  expect([await token(), await token()]).toEqual(['t1', 't1'])
  await host.clock.advance(59_000)
  expect(await token()).toBe('t1')
  await host.clock.advance(1_000)
  expect(await token()).toBe('t2')
  credentials.forget()
  expect(await token()).toBe('t3')
  expect(host.tools.calls).toEqual(Array(3).fill('login get-token'))
  const spec = { interactive: false, cluster: named.cluster }
  expect(infos[0]).toEqual({
    REGION: 'eu',
    KUBERNETES_EXEC_INFO: JSON.stringify({ kind: 'ExecCredential', apiVersion: V1, spec }),
  })
})

test('a certificate will do, and one without an end is kept', async () => {
  const { host, credentials } = world(answer({ clientCertificateData: 'CERT', clientKeyData: 'KEY' }))
  for (let n = 0; n < 2; n++) expect(await credentials.of(exec, named)).toEqual({ token: undefined, cert: 'CERT', key: 'KEY' })
  await host.clock.advance(10 * 24 * 3600 * 1000)
  await credentials.of(exec, named)
  expect(host.tools.calls).toHaveLength(1)
})

test('a relative command stands beside the kubeconfig', async () => {
  const { host, credentials } = world(answer({ token: 't' }), '/k/./bin/login')
  await credentials.of({ ...exec, command: './bin/login', args: null }, named)
  expect(host.tools.calls).toEqual(['/k/./bin/login'])
})

test.each<[what: string, config: ExecConfig, said: Said, message: RegExp]>([
  [
    'one that is not installed',
    { ...exec, command: 'aws', installHint: 'Get it\n at x.' },
    '',
    /^\/k\/config: aws: it cannot be started \(Get it at x\.\)$/,
  ],
  ['one that fails', exec, { code: 1, out: 'hush', err: 'log in first\nmore' }, /: login: ended with 1: log in first$/],
  ['one that hangs', exec, { code: undefined, timedOut: true } as never, /no answer within 60 s/],
  ['one that prints something else', exec, 'hush', /what it printed is no JSON$/],
  ['another object', exec, '{"kind":"Secret","data":"hush"}', /no ExecCredential$/],
  [
    'another version',
    exec,
    answer({ token: 'hush' }, `${V1}beta1`),
    /answered in client\.\S+v1beta1, and was asked in client\.\S+v1$/,
  ],
  ['an empty answer', exec, answer({}), /neither a token nor a certificate/],
  ['a certificate without its key', exec, answer({ token: 'hush', clientCertificateData: 'x' }), /without the other/],
  ['one that wants a person', { ...exec, interactiveMode: 'Always' }, '', /there is none here/],
  ['no command', { apiVersion: V1 }, '', /exec has no command/],
])('%s is told, without what it printed', async (_, config, said, message) => {
  const error = await world(said)
    .credentials.of(config, named)
    .catch((error: unknown) => error)
  expect(error).toMatchObject({ code: 'bad-kubeconfig', message: expect.stringMatching(message) })
  expect(String(error)).not.toContain('hush')
})
