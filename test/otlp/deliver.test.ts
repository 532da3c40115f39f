import { expect, test } from 'vitest'
import { OTLP_METHODS } from '../../src/core/grpc.ts'
import type { GrpcRequest, HttpRequest } from '../../src/core/host.ts'
import { deliver } from '../../src/otlp/deliver.ts'
import type { Destination } from '../../src/otlp/destination.ts'
import type { Payload } from '../../src/otlp/payload.ts'
import { fakeHost } from '../fake-host.ts'

const JSON_LOGS: Payload = {
  signal: 'logs',
  encoding: 'json',
  body: new TextEncoder().encode('{"resourceLogs":[{"schemaUrl":"x"}]}'),
}
// resourceLogs 1 > schemaUrl 3
const PROTOBUF_LOGS: Payload = { signal: 'logs', encoding: 'protobuf', body: Uint8Array.of(10, 3, 26, 1, 120) }

const TO: Destination = {
  protocol: 'http/protobuf',
  url: 'https://a/v1/logs',
  headers: { 'x-key': 'k' },
  timeoutMs: 500,
  compression: 'gzip',
  tls: { verify: false },
}

/** What reached the network. */
async function sent(destination: Destination, payload: Payload) {
  const seen: (HttpRequest | GrpcRequest)[] = []
  const { network, clock } = fakeHost({
    network: {
      async request(request) {
        seen.push(request)
        return { kind: 'answer', status: 200, headers: {}, body: new Uint8Array() }
      },
      async call(request) {
        seen.push(request)
        return { kind: 'answer', code: 0, message: '', retryDelayMs: undefined, body: new Uint8Array() }
      },
    },
  })
  return { verdict: await deliver(destination, payload, { network, clock }), seen }
}

test.each([JSON_LOGS, PROTOBUF_LOGS])('over HTTP a $encoding request goes as it is', async payload => {
  const { verdict, seen } = await sent(TO, payload)
  expect(verdict).toEqual({ kind: 'accepted', rejected: 0 })
  const type = payload.encoding === 'json' ? 'application/json' : 'application/x-protobuf'
  const { url, timeoutMs, compression, tls } = TO
  const headers = { 'x-key': 'k', 'content-type': type }
  expect(seen).toEqual([{ method: 'POST', url, headers, body: payload.body, timeoutMs, compression, tls }])
})

test.each([JSON_LOGS, PROTOBUF_LOGS])('over gRPC a $encoding request goes as protobuf', async payload => {
  const { verdict, seen } = await sent({ ...TO, protocol: 'grpc', url: 'https://a' }, payload)
  expect(verdict).toEqual({ kind: 'accepted', rejected: 0 })
  const { headers, timeoutMs, compression, tls } = TO
  expect(seen).toEqual([
    { url: 'https://a', path: OTLP_METHODS.logs, headers, body: PROTOBUF_LOGS.body, timeoutMs, compression, tls },
  ])
})

test.each(['http/protobuf', 'grpc'] as const)('what is over 64 MiB is not sent by %s', async protocol => {
  const body = new Uint8Array(64 * 1024 * 1024 + 1)
  const { verdict, seen } = await sent({ ...TO, protocol }, { ...PROTOBUF_LOGS, body })
  expect(verdict).toEqual({ kind: 'refused', reason: 'the request is over 64 MiB', status: 0 })
  expect(seen).toEqual([])
})
