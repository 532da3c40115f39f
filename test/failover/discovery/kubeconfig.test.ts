import { expect, test } from 'vitest'
import { ExecCredentials } from '../../../src/failover/discovery/exec-credential.ts'
import { OnlyKubectl, readCluster } from '../../../src/failover/discovery/kubeconfig.ts'
import { fakeHost } from '../../fake-host.ts'

const config = (user: string, cluster = '') => `
current-context: one
contexts: [{name: one, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: 'https://k:6443'${cluster}}}]
users: [{name: u, user: {${user}}}]
`
const read = (files: Record<string, string>, env: Record<string, string> = {}, settings = {}) => {
  const host = fakeHost({ files, env })
  return readCluster(settings, { ...host, credentials: new ExecCredentials(host) })
}

test('a token, certificates in the file and beside it, and the names of servers are read', async () => {
  const files = {
    '/k/config': config(
      `token: t, client-certificate: pki/c.pem, client-key-data: ${btoa('KEY')}`,
      `, certificate-authority-data: ${btoa('CA')}, tls-server-name: api`,
    ),
    '/k/pki/c.pem': 'CERT',
  }
  expect(await read(files, {}, { kubeconfig: '/k/config' })).toEqual({
    server: 'https://k:6443',
    namespace: 'default',
    token: 't',
    tls: { ca: 'CA', cert: 'CERT', key: 'KEY', serverName: 'api', verify: true },
  })
})

test('it is looked for in $KUBECONFIG, at home, then in a pod', async () => {
  const pod = '/var/run/secrets/kubernetes.io/serviceaccount'
  const files = {
    '/env': config('token: from-env'),
    '/home/.kube/config': config('token: from-home', ', insecure-skip-tls-verify: true'),
    [`${pod}/token`]: 'from-pod\n',
    [`${pod}/ca.crt`]: 'CA',
    [`${pod}/namespace`]: 'mine',
  }
  const { '/home/.kube/config': _, ...podOnly } = files
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }
  expect((await read(files, { KUBECONFIG: '/env:/other', HOME: '/home' })).token).toBe('from-env')
  expect(await read(files, { HOME: '/home', ...env })).toMatchObject({ token: 'from-home', tls: { verify: false } })
  expect(await read(podOnly, { HOME: '/home', ...env })).toEqual({
    server: 'https://[fd00::1]:443',
    namespace: 'mine',
    token: 'from-pod',
    tls: { ca: 'CA', verify: true },
  })
})

test.each([
  ['no kubeconfig and no pod', {}, {}, 'there is no kubeconfig, and this is no pod'],
  ['another context', { '/env': config('token: t') }, { context: 'two' }, 'there is no context two'],
  ['a program of an old version', { '/env': config('exec: {command: aws, apiVersion: v0}') }, {}, 'apiVersion v0 is none of'],
])('%s is told', async (_, files, settings, message) => {
  const env: Record<string, string> = Object.keys(files).length > 0 ? { KUBECONFIG: '/env' } : {}
  await expect(read(files as never, env, settings)).rejects.toMatchObject({
    code: 'bad-kubeconfig',
    message: expect.stringContaining(message),
  })
})

test.each([
  ['auth-provider', config('auth-provider: {name: gcp}')],
  ['as', config('token: t, as: someone')],
  ['proxy-url', config('token: t', ", proxy-url: 'http://proxy'")],
])('%s is left to kubectl', async (_, text) => {
  await expect(read({ '/env': text }, { KUBECONFIG: '/env' })).rejects.toBeInstanceOf(OnlyKubectl)
})

test('of several files the first that has a name counts, and files are looked for beside the one that names them', async () => {
  const files = {
    '/b/config': `contexts: [{name: two, context: {cluster: c, user: u2}}]
users: [{name: u, user: {token: not-this}}, {name: u2, user: {tokenFile: token}}]`,
    '/b/token': 'from-b',
    '/a/config': config('token: from-a'),
  }
  const env = { KUBECONFIG: '/gone:/a/config:/b/config' }
  expect((await read(files, env)).token).toBe('from-a')
  expect(await read(files, env, { context: 'two' })).toMatchObject({ server: 'https://k:6443', token: 'from-b' })
  await expect(read(files, env, { context: 'three' })).rejects.toMatchObject({ hint: 'There are one, two.' })
})
