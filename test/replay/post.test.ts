import { expect, test } from 'vitest'
import { VirtualClock } from '../../src/core/clock.ts'
import type { HttpRequest } from '../../src/core/host.ts'
import type { TranscodeJob } from '../../src/core/threads.ts'
import { plainDestination } from '../../src/otlp/destination.ts'
import { transcoded } from '../../src/otlp/transcode.ts'
import type { Backend } from '../../src/replay/backends.ts'
import type { Held } from '../../src/replay/held.ts'
import { Poster } from '../../src/replay/post.ts'
import { lineOf } from './world.ts'

const URL = 'http://backend:4318'
const backend = (protocol: 'http/json' | 'http/protobuf'): Backend => {
  const of = (signal: 'traces' | 'metrics' | 'logs') => ({ ...plainDestination(signal, URL), protocol })
  return { name: URL, destinations: { traces: of('traces'), metrics: of('metrics'), logs: of('logs') } }
}

/** A poster whose threads say what they were given. */
function posting(keepsEncoding: boolean) {
  const jobs: TranscodeJob[] = []
  const sent: HttpRequest[] = []
  const world = {
    clock: new VirtualClock(),
    threads: {
      transcode: async (job: TranscodeJob) => {
        jobs.push(job)
        return transcoded(job)
      },
      close: async () => {},
    },
    network: {
      request: async (request: HttpRequest) => {
        sent.push(request)
        return { kind: 'answer', status: 200, headers: {}, body: new Uint8Array() }
      },
    } as never,
  }
  return { poster: new Poster(world, keepsEncoding), jobs, sent }
}

const bodyOf = (text: string) => {
  const body = new TextEncoder().encode(text)
  return { body, lines: [{ signal: 'traces', encoding: 'json', bytes: body } as Held] }
}

test('a body that goes as it is comes near no thread', async () => {
  for (const [protocol, keeps] of [
    ['http/json', false],
    ['http/protobuf', true],
  ] as const) {
    const { poster, jobs, sent } = posting(keeps)
    const { body, lines } = bodyOf(lineOf(1))
    await poster.prepare(backend(protocol), lines, body)
    await poster.post(backend(protocol), lines, body)
    expect([jobs.length, sent[0]?.body]).toEqual([0, body])
  }
})

test('a body is written in the other encoding once, ahead of its turn, however often it is sent', async () => {
  const { poster, jobs, sent } = posting(false)
  const { body, lines } = bodyOf(lineOf(1))
  await poster.prepare(backend('http/protobuf'), lines, body)
  expect([jobs.length, sent.length]).toEqual([1, 0])
  for (let attempt = 0; attempt < 3; attempt++) await poster.post(backend('http/protobuf'), lines, body)
  expect(jobs.length).toBe(1)
  const answer = transcoded({ signal: 'traces', from: 'json', to: 'protobuf', body })
  expect(sent.map(({ body }) => body)).toEqual(Array(3).fill(answer.kind === 'done' && answer.body))
})

test('a body that cannot be written is refused as bad data, and sent nowhere', async () => {
  const { poster, sent } = posting(false)
  const { body, lines } = bodyOf('{"resourceSpans":7}')
  await poster.prepare(backend('http/protobuf'), lines, body)
  expect(await poster.post(backend('http/protobuf'), lines, body)).toEqual({
    kind: 'refused',
    reason: "cannot be written in the backend's encoding: resourceSpans must be a list",
    status: 400,
  })
  expect(sent).toEqual([])
})
