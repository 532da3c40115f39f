import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FailoverctlError } from '../../src/core/errors.ts'
import { type Destination, type DestinationFlags, destinationOf, redactUrl } from '../../src/otlp/destination.ts'
import type { Signal } from '../../src/otlp/signal.ts'
import { fakeHost } from '../fake-host.ts'

interface Case {
  readonly signal?: Signal
  readonly flags?: Partial<DestinationFlags>
  readonly env?: Record<string, string>
}

const FILES = {
  'ca.pem': '-----BEGIN CERTIFICATE-----ca',
  'c.pem': '-----BEGIN CERTIFICATE-----c',
  'k.pem': '-----BEGIN PRIVATE KEY-----k',
  'c.der': 'x',
}

const of = ({ signal = 'traces', flags = {}, env = {} }: Case): Promise<Destination> =>
  destinationOf(signal, { headers: [], ...flags }, fakeHost({ env, files: FILES }))

const E = 'OTEL_EXPORTER_OTLP_'

describe('where requests go', () => {
  const grpc = { [`${E}PROTOCOL`]: 'grpc' }
  const cases: [what: string, Case, url: string][] = [
    ['by default', {}, 'http://localhost:4318/v1/traces'],
    ['a flag gets the path', { flags: { endpoint: 'http://a:1' } }, 'http://a:1/v1/traces'],
    ['of the signal', { signal: 'logs', flags: { endpoint: 'http://a:1' } }, 'http://a:1/v1/logs'],
    ['a slash at the end is one slash', { flags: { endpoint: 'http://a:1/otlp/' } }, 'http://a:1/otlp/v1/traces'],
    ['a flag that has the path keeps it', { flags: { endpoint: 'http://a:1/v1/traces' } }, 'http://a:1/v1/traces'],
    ['the general variable gets the path', { env: { [`${E}ENDPOINT`]: 'https://b' } }, 'https://b/v1/traces'],
    [
      'the variable of the signal is used as it is',
      { env: { [`${E}ENDPOINT`]: 'https://b', [`${E}TRACES_ENDPOINT`]: 'https://c/x' } },
      'https://c/x',
    ],
    [
      'the variable of another signal is not ours',
      { env: { [`${E}LOGS_ENDPOINT`]: 'https://c/x' } },
      'http://localhost:4318/v1/traces',
    ],
    [
      'a flag beats both',
      { flags: { endpoint: 'http://a:1' }, env: { [`${E}TRACES_ENDPOINT`]: 'https://c/x' } },
      'http://a:1/v1/traces',
    ],
    ['an empty variable is none', { env: { [`${E}ENDPOINT`]: ' ' } }, 'http://localhost:4318/v1/traces'],
    ['a key behind the address stays behind', { flags: { endpoint: 'http://a:1/x/?key=1' } }, 'http://a:1/x/v1/traces?key=1'],
    ['gRPC by default', { env: grpc }, 'http://localhost:4317'],
    [
      'gRPC by a variable of the signal',
      { env: { [`${E}TRACES_PROTOCOL`]: 'grpc', [`${E}PROTOCOL`]: 'http/json' } },
      'http://localhost:4317',
    ],
    ['gRPC takes the origin', { env: { ...grpc, [`${E}ENDPOINT`]: 'http://a:1/some/path' } }, 'http://a:1'],
    [
      'gRPC takes the variable of the signal',
      { env: { ...grpc, [`${E}ENDPOINT`]: 'http://a:1', [`${E}TRACES_ENDPOINT`]: 'http://b:2' } },
      'http://b:2',
    ],
    ['gRPC without a scheme is TLS', { env: { ...grpc, [`${E}ENDPOINT`]: 'a:4317' } }, 'https://a:4317'],
    ['unless it is to be insecure', { env: { ...grpc, [`${E}ENDPOINT`]: 'a:4317', [`${E}INSECURE`]: 'TRUE' } }, 'http://a:4317'],
    [
      'of the signal',
      { env: { ...grpc, [`${E}ENDPOINT`]: 'a:4317', [`${E}INSECURE`]: 'true', [`${E}TRACES_INSECURE`]: 'no' } },
      'https://a:4317',
    ],
    ['by a flag', { flags: { protocol: 'grpc', endpoint: '[::1]:4317', insecure: true } }, 'http://[::1]:4317'],
    [
      'a scheme beats insecure',
      { env: { ...grpc, [`${E}ENDPOINT`]: 'https://a:4317', [`${E}INSECURE`]: 'true' } },
      'https://a:4317',
    ],
  ]
  test.each(cases)('%s', async (_, given, url) => expect((await of(given)).url).toBe(url))
})

test('protocol and compression: flag, variable of the signal, general one, default', async () => {
  const env = { [`${E}PROTOCOL`]: 'http/json', [`${E}COMPRESSION`]: 'gzip', [`${E}LOGS_COMPRESSION`]: 'none' }
  expect(await of({})).toMatchObject({ protocol: 'http/protobuf', compression: 'none' })
  expect(await of({ env })).toMatchObject({ protocol: 'http/json', compression: 'gzip' })
  expect(await of({ env, signal: 'logs' })).toMatchObject({ compression: 'none' })
  expect(await of({ env, flags: { protocol: 'grpc', compression: 'none' } })).toMatchObject({
    protocol: 'grpc',
    compression: 'none',
  })
})

test('headers of a file stand between those of the variables and those of flags', async () => {
  const host = fakeHost({ env: { [`${E}HEADERS`]: 'a=env,b=env,c=env' }, files: { h: 'b=file\r\n\nc=file\nd=100%\n' } })
  const { headers } = await destinationOf('traces', { headers: ['c=flag'], headersFile: 'h' }, host)
  expect(headers).toEqual({ a: 'env', b: 'file', c: 'flag', d: '100%' })
})

test.each([
  ['Authorization: Bearer hush', 'wrong-use', '--headers-file: h expects name=value'],
  [undefined, 'no-such-file', 'h: no such file'],
])('a headers file of %j', async (text, code, message) => {
  const error = await destinationOf(
    'traces',
    { headers: [], headersFile: 'h' },
    fakeHost({ files: text === undefined ? {} : { h: text } }),
  ).catch(error => error)
  expect(error).toMatchObject({ code, message })
})

test('headers: the variables first, then flags; names in lower case, values percent-decoded', async () => {
  const { headers } = await of({ flags: { headers: ['X-Token=flag=1'] }, env: { [`${E}HEADERS`]: 'x-token=env, other=a%20b' } })
  expect(headers).toEqual({ 'x-token': 'flag=1', other: 'a b' })
})

test('a password in the address is basic authentication, and leaves the address', async () => {
  for (const [protocol, url] of [
    ['http/json', 'https://a:1/v1/traces'],
    ['grpc', 'https://a:1'],
  ] as const) {
    const { headers, ...rest } = await of({ flags: { endpoint: 'https://me:p%40ss@a:1', protocol } })
    expect(rest.url).toBe(url)
    expect(headers).toEqual({ authorization: `Basic ${btoa('me:p@ss')}` })
  }
})

test('the timeout: flag, variable, 10 s', async () => {
  const env = { [`${E}TIMEOUT`]: '300' }
  expect(await of({})).toMatchObject({ timeoutMs: 10_000 })
  expect(await of({ env })).toMatchObject({ timeoutMs: 300 })
  expect(await of({ env, flags: { timeoutMs: 5 } })).toMatchObject({ timeoutMs: 5 })
})

describe('TLS', () => {
  const https = { [`${E}ENDPOINT`]: 'https://b' }
  const pair = { [`${E}CLIENT_CERTIFICATE`]: 'c.pem', [`${E}CLIENT_KEY`]: 'k.pem' }
  test.each<[what: string, Case, tls: object | undefined]>([
    ['plain https needs nothing', { env: https }, undefined],
    ['an authority of its own', { env: { ...https, [`${E}CERTIFICATE`]: 'ca.pem' } }, { ca: FILES['ca.pem'], verify: true }],
    ['a client certificate', { env: { ...https, ...pair } }, { cert: FILES['c.pem'], key: FILES['k.pem'], verify: true }],
    [
      'flags beat variables',
      {
        flags: { certificate: 'c.pem', insecureSkipVerify: true, serverName: 'n' },
        env: { ...https, [`${E}CERTIFICATE`]: 'ca.pem' },
      },
      { ca: FILES['c.pem'], serverName: 'n', verify: false },
    ],
    ['is nothing to a plain endpoint', { env: { [`${E}CERTIFICATE`]: 'missing' } }, undefined],
  ])('%s', async (_, given, tls) => expect((await of(given)).tls).toEqual(tls))
})

describe('wrong use is said by the name of the flag or variable, without showing secrets', () => {
  const https = { [`${E}ENDPOINT`]: 'https://b' }
  test.each<[what: string, Case, message: string | RegExp]>([
    ['no scheme', { flags: { endpoint: 'localhost:4318' } }, '--endpoint: localhost:4318 is not an http or https address'],
    [
      'another scheme',
      { env: { [`${E}ENDPOINT`]: 'ftp://user:secret@a' } },
      `${E}ENDPOINT: ftp://…@a is not an http or https address`,
    ],
    ['of a signal', { env: { [`${E}TRACES_ENDPOINT`]: '?secret' } }, /^OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: \?… is not/],
    ['a header without a name', { flags: { headers: ['secret without equals'] } }, '--header expects name=value'],
    ['in a variable', { env: { [`${E}TRACES_HEADERS`]: 'secret' } }, `${E}TRACES_HEADERS expects name=value`],
    [
      'an unknown protocol',
      { env: { [`${E}PROTOCOL`]: 'secret' } },
      `${E}PROTOCOL must be one of http/protobuf, http/json, grpc`,
    ],
    ['an unknown compression', { env: { [`${E}COMPRESSION`]: 'secret' } }, `${E}COMPRESSION must be one of none, gzip, zstd`],
    [
      'a timeout of text',
      { env: { [`${E}LOGS_TIMEOUT`]: 'secret' }, signal: 'logs' },
      `${E}LOGS_TIMEOUT must be a number of milliseconds above 0`,
    ],
    ['zstd over gRPC', { flags: { protocol: 'grpc', compression: 'zstd' } }, 'zstd is not available over gRPC'],
    [
      'a certificate that is not there',
      { env: { ...https, [`${E}CERTIFICATE`]: 'nowhere' } },
      `${E}CERTIFICATE: nowhere: no such file`,
    ],
    ['a certificate in another form', { env: https, flags: { certificate: 'c.der' } }, '--certificate: c.der is not a PEM file'],
    ['a key alone', { env: https, flags: { clientKey: 'k.pem' } }, 'there is a client key without its certificate'],
  ])('%s', async (_, given, message) => {
    const error = await of(given).catch((thrown: FailoverctlError) => thrown)
    expect(error).toBeInstanceOf(FailoverctlError)
    expect((error as FailoverctlError).message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
    expect((error as FailoverctlError).report).not.toContain('secret')
  })
  test('the hint has the address as it should be', async () => {
    await expect(of({ flags: { endpoint: 'localhost:4318' } })).rejects.toMatchObject({
      hint: 'Write it as http://localhost:4318.',
    })
  })
  test('addresses are shown without passwords and queries', () => {
    expect(redactUrl('http://u:p@h/x?token=1')).toBe('http://…@h/x?…')
    expect(redactUrl('u:p/q@h:4318')).toBe('…@h:4318')
    expect(redactUrl('https://h/x#token')).toBe('https://h/x?…')
  })
})

test('no password, key or token is in any complaint, however the variables are wrong', async () => {
  const odd = fc.string({ maxLength: 6, unit: fc.constantFrom(...'aZ1 /:,;=%@#?[]_.-\n') })
  const scheme = fc.constantFrom('', 'http://', 'https://', 'ftp://', 'HTTP://', 'http:/', '//', 'grpc://')
  const protocol = fc.constantFrom('', 'grpc', 'http/json', 'secret-123')
  await fc.assert(
    fc.asyncProperty(scheme, odd, odd, odd, protocol, async (start, before, between, after, name) => {
      const env = {
        [`${E}ENDPOINT`]: `${start}me${before}:secret-123${between}@host${after}`,
        [`${E}HEADERS`]: `${before}secret-123${after}`,
        [`${E}TIMEOUT`]: `${before}secret-123`,
        [`${E}PROTOCOL`]: name,
      }
      for (const given of [env, { ...env, [`${E}ENDPOINT`]: `${start}host${before}?key=secret-123${after}` }]) {
        const report = await of({ env: given }).then(
          () => '',
          (error: FailoverctlError) => error.report,
        )
        expect(report).not.toContain('secret-123')
      }
    }),
    { seed: 1, numRuns: 2000 },
  )
})
