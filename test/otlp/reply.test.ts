import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GRPC } from '../../src/core/grpc.ts'
import type { GrpcReply, HttpReply } from '../../src/core/host.ts'
import { wireField } from '../../src/core/protobuf-wire.ts'
import { decodeRpcStatus, encodeRpcStatus } from '../../src/core/rpc-status.ts'
import { judgeCall, judgeReply } from '../../src/otlp/reply.ts'

const encode = (text: string) => new TextEncoder().encode(text)
const JSON_TYPE = { 'content-type': 'application/json' }
const PROTOBUF = { 'content-type': 'application/x-protobuf' }

const http = (status: number, headers = {}, body: Uint8Array | string = ''): HttpReply => ({
  kind: 'answer',
  status,
  headers,
  body: typeof body === 'string' ? encode(body) : body,
})
const call = (code: number, more: object = {}): GrpcReply => ({
  kind: 'answer',
  code,
  message: '',
  retryDelayMs: undefined,
  body: new Uint8Array(),
  ...more,
})
const partial = (rejected: number, message: string) =>
  Uint8Array.from(wireField(1, Uint8Array.from([...wireField(1, rejected), ...wireField(2, encode(message))])))

describe('accepted, and how much of it', () => {
  test.each<[what: string, body: Uint8Array | string, verdict: object]>([
    ['nothing', '', { rejected: 0 }],
    ['an empty object', '{}', { rejected: 0 }],
    ['an empty partial success', '{"partialSuccess":{}}', { rejected: 0 }],
    ['spans as text', '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"why"}}', { rejected: 3, message: 'why' }],
    ['data points as a number', '{"partialSuccess":{"rejectedDataPoints":4}}', { rejected: 4 }],
    ['log records', '{"partialSuccess":{"rejectedLogRecords":"5"}}', { rejected: 5 }],
    [
      'a warning',
      '{"partialSuccess":{"rejectedSpans":"0","errorMessage":"slow\\u001b[31m\\n down"}}',
      { rejected: 0, message: 'slow down' },
    ],
    ['a number that is none', '{"partialSuccess":{"rejectedSpans":"many"}}', { rejected: 0 }],
    ['fewer than none', '{"partialSuccess":{"rejectedSpans":-1}}', { rejected: 0 }],
    ['text that is no JSON', '{ok', { rejected: 0 }],
    ['protobuf', partial(300, 'why'), { rejected: 300, message: 'why' }],
    ['protobuf with a warning', partial(0, 'why'), { rejected: 0, message: 'why' }],
    ['protobuf that is cut short', partial(300, 'why').subarray(0, 5), { rejected: 0 }],
  ])('%s', (_, body, verdict) => {
    expect(judgeReply(http(200, {}, body), 0)).toEqual({ kind: 'accepted', ...verdict })
    const bytes = typeof body === 'string' ? encode(body) : body
    expect(judgeCall(call(0, { body: bytes }))).toEqual({ kind: 'accepted', ...verdict })
  })
  test('any 2xx will do', () => expect(judgeReply(http(204), 0)).toEqual({ kind: 'accepted', rejected: 0 }))
})

describe('HTTP', () => {
  test.each<[what: string, reply: HttpReply, verdict: object]>([
    [
      'a page with 200',
      http(200, { 'content-type': 'text/html; charset=utf-8' }, '<title>Sign\nin</title>'),
      { kind: 'refused', status: 200, reason: 'the answer is a web page, not OTLP', message: 'Sign in' },
    ],
    [
      'a page with 502',
      http(502, { 'content-type': 'text/html' }, '<TITLE>502 Bad Gateway</TITLE>'),
      { kind: 'try-later', reason: 'HTTP status 502', message: '502 Bad Gateway' },
    ],
    [
      'a status in JSON',
      http(400, JSON_TYPE, '{"code":3,"message":"bad span"}'),
      { kind: 'refused', status: 400, reason: 'HTTP status 400', message: 'bad span' },
    ],
    [
      'an error as vendors have it',
      http(401, JSON_TYPE, '{"error":{"message":"no key"}}'),
      { kind: 'refused', message: 'no key' },
    ],
    ['JSON of another shape', http(400, JSON_TYPE, '[1]'), { kind: 'refused', message: '[1]' }],
    [
      'a status in protobuf',
      http(503, PROTOBUF, encodeRpcStatus({ code: 14, message: 'full', retryDelayMs: undefined })),
      { kind: 'try-later', status: 503, message: 'full' },
    ],
    [
      'text',
      http(404, { 'content-type': 'text/plain' }, '404 page not found\n'),
      { kind: 'refused', message: '404 page not found' },
    ],
    [
      'a redirect',
      http(301, { location: 'https://u:p@b/x?token=1' }),
      { kind: 'refused', status: 301, message: 'https://…@b/x?…' },
    ],
    [
      'too large for its server',
      http(413),
      { kind: 'refused', status: 413, reason: 'HTTP status 413, the request is too large' },
    ],
    [
      'too large for a collector',
      http(400, { 'content-type': 'text/plain' }, 'http: request body too large'),
      { kind: 'refused', status: 400, reason: 'HTTP status 400, the request is too large' },
    ],
    ['Retry-After', http(429, { 'retry-after': '2' }), { kind: 'try-later', afterMs: 2000, status: 429 }],
    [
      'an answer without an end',
      { ...http(200), oversized: true } as HttpReply,
      { kind: 'refused', status: 200, reason: 'the answer is over 4 MiB' },
    ],
  ])('%s', (_, reply, verdict) => expect(judgeReply(reply, 0)).toMatchObject(verdict))
})

describe('gRPC', () => {
  test.each(['CANCELLED', 'DEADLINE_EXCEEDED', 'ABORTED', 'OUT_OF_RANGE', 'UNAVAILABLE', 'DATA_LOSS'] as const)(
    '%s may be sent again',
    name => {
      expect(judgeCall(call(GRPC[name]))).toEqual({
        kind: 'try-later',
        reason: `gRPC status ${name}`,
        afterMs: undefined,
        notSent: false,
        status: GRPC[name],
      })
    },
  )
  test.each([
    'UNKNOWN',
    'INVALID_ARGUMENT',
    'NOT_FOUND',
    'ALREADY_EXISTS',
    'PERMISSION_DENIED',
    'RESOURCE_EXHAUSTED',
    'FAILED_PRECONDITION',
    'UNIMPLEMENTED',
    'INTERNAL',
    'UNAUTHENTICATED',
  ] as const)('%s may not', name => {
    expect(judgeCall(call(GRPC[name]))).toEqual({ kind: 'refused', reason: `gRPC status ${name}`, status: GRPC[name] })
  })
  test('RESOURCE_EXHAUSTED may, when the server says when', () => {
    expect(judgeCall(call(GRPC.RESOURCE_EXHAUSTED, { retryDelayMs: 0 }))).toMatchObject({ kind: 'try-later', afterMs: 0 })
  })
  test('too large for a server', () => {
    const message = 'grpc: received message larger than max (9700 vs. 1000)'
    const reason = 'gRPC status RESOURCE_EXHAUSTED, the request is too large'
    expect(judgeCall(call(GRPC.RESOURCE_EXHAUSTED, { message }))).toMatchObject({ kind: 'refused', reason, message })
  })
  test('a code of tomorrow', () => expect(judgeCall(call(99))).toMatchObject({ kind: 'refused', reason: 'gRPC status code 99' }))
})

test('what was not sent and what was not answered stay apart, with the problem', () => {
  const notSent = { kind: 'not-sent', reason: 'x', problem: 'refused' } as const
  const noAnswer = { kind: 'no-answer', reason: 'x', timedOut: false, problem: 'closed' } as const
  for (const judge of [(reply: typeof notSent | typeof noAnswer) => judgeReply(reply, 0), judgeCall]) {
    expect(judge(notSent)).toEqual({ kind: 'try-later', reason: 'x', afterMs: undefined, notSent: true, problem: 'refused' })
    expect(judge(noAnswer)).toEqual({ kind: 'unknown', reason: 'x', timedOut: false, problem: 'closed' })
  }
})

test('a server that talks much, and in colours, is cut to one short line', () => {
  const message = `\u001b[31;1mred\u001b[0m\r\n\u202e\u0007${'x'.repeat(5000)}`
  const verdict = judgeCall(call(3, { message }))
  expect(verdict).toHaveProperty('message', `red ${'x'.repeat(195)}…`)
})

test('google.rpc.Status comes back as it was written', () => {
  fc.assert(
    fc.property(fc.nat(16), fc.string(), fc.option(fc.nat(1e9), { nil: undefined }), (code, message, retryDelayMs) => {
      expect(decodeRpcStatus(encodeRpcStatus({ code, message, retryDelayMs }))).toEqual({ code, message, retryDelayMs })
    }),
    { seed: 1 },
  )
})
