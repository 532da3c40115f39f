import { describe, expect, test } from 'vitest'
import { GRPC, OTLP_METHODS } from '../../src/core/grpc.ts'
import type { GrpcReply, GrpcRequest, HttpReply } from '../../src/core/host.ts'
import type { Backend } from '../../src/lab/backend.ts'
import { toBatch } from '../../src/lab/batches.ts'
import { grpcOutlet, httpOutlet } from '../../src/lab/outlet.ts'
import { fakeHost } from '../fake-host.ts'

const backend = { address: { host: '127.0.0.1', port: 4317 } } as Backend
const encode = (text: string) => new TextEncoder().encode(text)
const batch = toBatch({ signal: 'logs', encoding: 'json', body: encode('{"resourceLogs":[{"schemaUrl":"x"}]}') }, 1)

const code = (value: number, retryDelayMs?: number): GrpcReply => ({
  kind: 'answer',
  code: value,
  message: 'why',
  retryDelayMs,
  body: encode(''),
})
const status = (value: number, headers = {}): HttpReply => ({ kind: 'answer', status: value, headers, body: encode('') })
const notSent = { kind: 'not-sent', reason: '' } as const
const noAnswer = (timedOut: boolean) => ({ kind: 'no-answer', reason: '', timedOut }) as const

describe('the otlp exporter', () => {
  const outlet = (reply: GrpcReply, requests: GrpcRequest[] = []) => {
    const call = async (request: GrpcRequest) => {
      requests.push(request)
      return reply
    }
    return grpcOutlet(backend, fakeHost({ network: { call } }).network)
  }

  test('sends protobuf, whatever came in', async () => {
    const requests: GrpcRequest[] = []
    expect(await outlet(code(0), requests).attempt(batch, 500)).toEqual({ ok: true })
    // resourceLogs 1 > schemaUrl 3
    const body = Uint8Array.of(10, 3, 26, 1, 120)
    expect(requests).toEqual([{ url: 'http://127.0.0.1:4317', path: OTLP_METHODS.logs, body, timeoutMs: 500 }])
  })

  test.each<[what: string, reply: GrpcReply, failure: object]>([
    ['UNAVAILABLE', code(GRPC.UNAVAILABLE), { error: 'rpc error: code = Unavailable desc = why', permanent: false }],
    ['RetryInfo', code(GRPC.UNAVAILABLE, 700), { permanent: false, retryAfterMs: 700 }],
    [
      'RESOURCE_EXHAUSTED',
      code(GRPC.RESOURCE_EXHAUSTED),
      { error: 'rpc error: code = ResourceExhausted desc = why', permanent: true, status: 429 },
    ],
    ['RESOURCE_EXHAUSTED with RetryInfo', code(GRPC.RESOURCE_EXHAUSTED, 0), { permanent: false, retryAfterMs: 0 }],
    ['CANCELLED, as Go spells it', code(GRPC.CANCELLED), { error: 'rpc error: code = Canceled desc = why', permanent: false }],
    ['UNAUTHENTICATED', code(GRPC.UNAUTHENTICATED), { permanent: true, status: 401 }],
    [
      'nobody there',
      notSent,
      {
        error: expect.stringMatching(/^rpc error: code = Unavailable .*dial tcp 127.0.0.1:4317: connect: connection refused"$/),
        notSent: true,
      },
    ],
    [
      'nobody who speaks',
      { ...notSent, problem: 'no-connection-in-time' },
      { error: 'rpc error: code = DeadlineExceeded desc = context deadline exceeded', notSent: true },
    ],
    ['no answer in time', noAnswer(true), { error: 'rpc error: code = DeadlineExceeded desc = context deadline exceeded' }],
    ['no answer', noAnswer(false), { error: 'rpc error: code = Unavailable desc = error reading from server: EOF' }],
  ])('%s', async (_, reply, failure) => expect(await outlet(reply).attempt(batch, 500)).toMatchObject({ ok: false, ...failure }))

  test.each<[reply: GrpcReply, ok: boolean]>([
    [code(GRPC.UNIMPLEMENTED), true],
    [notSent, false],
    [noAnswer(true), false],
  ])('a dial that gives %o: %s', async (reply, ok) => expect(await outlet(reply).dial(100)).toBe(ok))
})

describe('the otlphttp exporter', () => {
  const url = 'http://127.0.0.1:4317/v1/logs'
  test.each<[what: string, reply: HttpReply, failure: object]>([
    [
      '503',
      status(503),
      { error: `error exporting items, request to ${url} responded with HTTP Status Code 503`, permanent: false },
    ],
    ['429 with Retry-After', status(429, { 'retry-after': '2' }), { permanent: false, status: 429, retryAfterMs: 2000 }],
    ['400', status(400), { permanent: true, status: 400 }],
    ['413', status(413), { permanent: true, status: 500 }],
    [
      'nobody there',
      notSent,
      {
        error: `failed to make an HTTP request: Post "${url}": dial tcp 127.0.0.1:4317: connect: connection refused`,
        notSent: true,
      },
    ],
    ['no answer', noAnswer(false), { error: `failed to make an HTTP request: Post "${url}": EOF` }],
  ])('%s', async (_, reply, failure) => {
    const host = fakeHost({ network: { request: async () => reply } })
    expect(await httpOutlet(backend, host.network, host.clock).attempt(batch, 500)).toMatchObject({ ok: false, ...failure })
  })
})
