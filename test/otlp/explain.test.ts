import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GRPC } from '../../src/core/grpc.ts'
import type { GrpcReply, HttpReply, NotSent, WireProblem } from '../../src/core/host.ts'
import { deliver } from '../../src/otlp/deliver.ts'
import { type Destination, destinationOf } from '../../src/otlp/destination.ts'
import { whyNot } from '../../src/otlp/explain.ts'
import { fakeHost } from '../fake-host.ts'

const encode = (text: string) => new TextEncoder().encode(text)
const payload = { signal: 'traces', encoding: 'json', body: encode('{}') } as const

const HTTP: Destination = {
  protocol: 'http/json',
  url: 'http://a:4318/v1/traces',
  headers: {},
  timeoutMs: 1500,
  compression: 'none',
}
const GRPC_TO: Destination = { ...HTTP, protocol: 'grpc', url: 'http://a:4317' }

const http = (status: number, headers = {}, body = ''): HttpReply => ({ kind: 'answer', status, headers, body: encode(body) })
const call = (code: number, message = ''): GrpcReply => ({
  kind: 'answer',
  code,
  message,
  retryDelayMs: undefined,
  body: encode(''),
})
const unreached = (problem: WireProblem): NotSent => ({ kind: 'not-sent', reason: 'reason', problem })

async function explained(destination: Destination, reply: HttpReply | GrpcReply) {
  const host = fakeHost({ network: { request: async () => reply as HttpReply, call: async () => reply as GrpcReply } })
  return whyNot(await deliver(destination, payload, host), destination, 'traces')
}

describe('each way in which nothing can be delivered has its message and its next step', () => {
  const html = { 'content-type': 'text/html' }
  const token = { ...HTTP, headers: { 'x-api-key': 'secret-token' } }
  test.each<[what: string, Destination, HttpReply | GrpcReply, report: RegExp, exit?: number]>([
    [
      'nobody there',
      HTTP,
      unreached('refused'),
      /^failoverctl: http:\/\/a:4318\/v1\/traces: reason\nNothing listens there.*4318.*4317.*--endpoint/,
    ],
    ['no such host', HTTP, unreached('no-such-host'), /Check the name/],
    ['a firewall', HTTP, unreached('no-connection-in-time'), /firewall/],
    ['an expired certificate', HTTP, unreached('certificate-expired'), /Renew it/],
    ['a certificate of another name', HTTP, unreached('certificate-name'), /--server-name/],
    ['an unknown authority', GRPC_TO, unreached('certificate-untrusted'), /--certificate or OTEL_EXPORTER_OTLP_CERTIFICATE/],
    ['a client certificate wanted', GRPC_TO, unreached('certificate-wanted'), /--client-certificate and --client-key/],
    ['files that are none', HTTP, unreached('bad-certificate-files'), /PEM/],
    ['a header that is none', HTTP, unreached('bad-header'), /line break/],
    ['TLS against plain', HTTP, unreached('not-tls'), /with http:\/\/\.$/m],
    ['TLS against plain, gRPC', GRPC_TO, unreached('not-tls'), /with http:\/\/, or add --insecure/],
    [
      'plain against TLS',
      HTTP,
      http(400, {}, 'Client sent an HTTP request to an HTTPS server.\n'),
      /the server speaks TLS .*\n.*https:\/\//,
    ],
    [
      'HTTP at a gRPC port',
      HTTP,
      { kind: 'no-answer', reason: 'x', timedOut: false, problem: 'other-protocol' },
      /--protocol grpc/,
    ],
    ['gRPC at an HTTP port', GRPC_TO, unreached('other-protocol'), /--protocol http\/protobuf/],
    ['a server that closes', HTTP, { kind: 'no-answer', reason: 'x', timedOut: false }, /--protocol grpc.*https:\/\//],
    [
      'a server that says nothing',
      HTTP,
      { kind: 'no-answer', reason: 'x', timedOut: true },
      /no answer within 1\.5s\n.*--timeout/,
    ],
    ['a web page', HTTP, http(200, html, '<title>Sign in</title>'), /a web page, not OTLP \(“Sign in”\)\n.*proxy/],
    ['no such path', HTTP, http(404), /HTTP status 404\n\/v1\/traces is not there: .*pipeline for traces/],
    ['another path', { ...HTTP, url: 'http://a/otlp' }, http(404), /posted to \/otlp; a collector takes traces at \/v1\/traces/],
    ['another kind of server', HTTP, http(405), /web server/],
    [
      'a redirect',
      HTTP,
      http(308, { location: 'https://b/' }),
      /HTTP status 308, a redirect \(“https:\/\/b\/”\)\nIt is not followed/,
    ],
    ['no token', HTTP, http(401), /not authenticated\nNo header/],
    ['a wrong token', token, http(401), /sent were the headers x-api-key/],
    ['no right', HTTP, http(403), /may not write traces/],
    ['no token, gRPC', GRPC_TO, call(GRPC.UNAUTHENTICATED), /UNAUTHENTICATED, not authenticated/],
    ['no right, gRPC', GRPC_TO, call(GRPC.PERMISSION_DENIED), /not allowed/],
    [
      'no such service',
      GRPC_TO,
      call(GRPC.UNIMPLEMENTED, 'unknown service x'),
      /UNIMPLEMENTED \(“unknown service x”\)\nNo OTLP service for traces/,
    ],
  ])('%s', async (_, destination, reply, report) => {
    const error = await explained(destination, reply)
    expect(error?.report).toMatch(report)
    expect(error?.exit).toBe(4)
  })

  test.each<[what: string, Destination, HttpReply | GrpcReply]>([
    ['taken', HTTP, http(200)],
    ['busy', HTTP, http(503)],
    ['throttled', HTTP, http(429)],
    ['bad data, which an empty request is to some', HTTP, http(400)],
    ['taken, gRPC', GRPC_TO, call(GRPC.OK)],
    ['busy, gRPC', GRPC_TO, call(GRPC.UNAVAILABLE)],
  ])('%s: one to send to', async (_, destination, reply) => expect(await explained(destination, reply)).toBeUndefined())
})

test('no token is in any of them, whatever the server repeats', async () => {
  const secret = fc.string({ minLength: 8, maxLength: 40, unit: fc.constantFrom(...'abcXYZ019-_.~+') })
  const overHttp = (text: string): HttpReply[] =>
    [200, 301, 400, 401, 403, 404, 405, 503].flatMap(status => [
      http(status, { 'content-type': 'text/html' }, `<title>${text}</title>`),
      http(status, { 'content-type': 'application/json' }, JSON.stringify({ message: text })),
      http(status, { location: `https://x/?${text}` }, text),
    ])
  const overGrpc = (text: string) => [GRPC.UNAUTHENTICATED, GRPC.UNIMPLEMENTED, GRPC.UNAVAILABLE].map(code => call(code, text))
  await fc.assert(
    fc.asyncProperty(
      secret,
      secret,
      fc.nat(300),
      fc.constantFrom('http/json', 'grpc'),
      async (token, password, gap, protocol) => {
        const env = { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer ${token}`, OTEL_EXPORTER_OTLP_PROTOCOL: protocol }
        const endpoint = `http://user:${encodeURIComponent(password)}@host:1?key=${token}`
        const destination = await destinationOf(
          'traces',
          { endpoint, headers: [`x-password=${encodeURIComponent(password)}`] },
          fakeHost({ env }),
        )
        for (const reply of (protocol === 'grpc' ? overGrpc : overHttp)(`${' .'.repeat(gap)}${token} ${password}`)) {
          const error = await explained(destination, reply)
          for (const hidden of [token, password]) expect(error?.report ?? '').not.toContain(hidden)
        }
      },
    ),
    { seed: 1, numRuns: 60 },
  )
})
