import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { realFiles } from '../../src/adapters/files.ts'
import { ThreadPool } from '../../src/adapters/thread-pool.ts'
import { lazyThreads } from '../../src/adapters/threads.ts'
import { MalformedPayload } from '../../src/otlp/contents.ts'
import { SIGNALS, type Signal } from '../../src/otlp/signal.ts'
import { transcode, transcodeIn } from '../../src/otlp/transcode.ts'
import { anyRequest } from '../otlp/arbitrary-request.ts'
import { threadProgram } from '../thread-program.ts'

const encode = (request: unknown) => new TextEncoder().encode(JSON.stringify(request))

const folder = mkdtempSync(join(tmpdir(), 'failoverctl-threads-test-'))
const threads = lazyThreads(threadProgram)
afterAll(async () => {
  await threads.close()
  rmSync(folder, { recursive: true })
})

describe('a thread', () => {
  const signals = Object.keys(SIGNALS) as Signal[]

  test.each(signals)('writes the same bytes of %s as this thread does, in both directions', async signal => {
    await fc.assert(
      fc.asyncProperty(anyRequest(signal), async request => {
        const json = { signal, encoding: 'json', body: encode(request) } as const
        const protobuf = transcode(json, 'protobuf')
        expect(await transcodeIn(threads, json, 'protobuf')).toEqual(protobuf)
        expect(await transcodeIn(threads, protobuf, 'json')).toEqual(transcode(protobuf, 'json'))
      }),
      { seed: 6, numRuns: 50 },
    )
  })

  test('writes a request that was joined of several as if it had not been', async () => {
    const inner = ['{"schemaUrl":"a"},{"schemaUrl":"b"}', '{"schemaUrl":"ü"}', '{"schemaUrl":"d"}'].map(text => Buffer.from(text))
    const body = Buffer.concat([
      Buffer.from('{"resourceLogs":['),
      ...inner.flatMap(part => [part, Buffer.from(',   ')]),
    ]).subarray(0, -4)
    let at = '{"resourceLogs":['.length
    const resources = inner.map(({ length }) => [at, (at += length + 4) - 4] as const)
    const whole = { signal: 'logs', encoding: 'json', body: Buffer.concat([body, Buffer.from(']}')]) } as const
    expect(await transcodeIn(threads, whole, 'protobuf', resources)).toEqual(transcode(whole, 'protobuf'))
  })

  test('answers each of many with its own, and leaves the buffer to who called', async () => {
    const bodies = Array.from({ length: 50 }, (_, index) => encode({ resourceLogs: [{ schemaUrl: 'x'.repeat(index * 97) }] }))
    const all = Buffer.concat(bodies)
    let at = 0
    const parts = bodies.map(body => all.subarray(at, (at += body.length)))
    const answers = await Promise.all(
      parts.map(body => transcodeIn(threads, { signal: 'logs', encoding: 'json', body }, 'protobuf')),
    )
    for (const [index, body] of bodies.entries())
      expect(answers[index]).toEqual(transcode({ signal: 'logs', encoding: 'json', body }, 'protobuf'))
    expect(all).toEqual(Buffer.concat(bodies))
  })

  test('says what is wrong with a body, and goes on', async () => {
    const bad = { signal: 'traces', encoding: 'json', body: encode({ resourceSpans: 7 }) } as const
    const wrong = await transcodeIn(threads, bad, 'protobuf').catch((error: unknown) => error)
    expect(wrong).toBeInstanceOf(MalformedPayload)
    expect((wrong as Error).message).toBe('resourceSpans must be a list')
    expect((await transcodeIn(threads, { ...bad, body: encode({}) }, 'protobuf')).body.length).toBe(0)
  })
})

describe('the pool', () => {
  const job = { signal: 'traces', from: 'json', to: 'protobuf', body: encode({ resourceSpans: [] }) } as const

  async function poolOf(code: string): Promise<ThreadPool> {
    const file = join(folder, `${Math.random()}.mjs`)
    await realFiles.write(file, new TextEncoder().encode(`import { parentPort, threadId } from 'node:worker_threads'\n${code}`))
    return new ThreadPool(pathToFileURL(file))
  }

  test('rejects what is under way and what waits when it is closed, and what comes after', async () => {
    const pool = await poolOf(`parentPort.on('message', () => {})`)
    const asked = Promise.allSettled(Array.from({ length: 9 }, () => pool.run(job)))
    await pool.close()
    expect((await asked).map(({ status }) => status)).toEqual(Array(9).fill('rejected'))
    await expect(pool.run(job)).rejects.toThrow('the threads were ended')
  })

  test('starts a thread a core and no more than two, and gives each two bodies at most', async () => {
    const pool = await poolOf(`
      let held = 0, most = 0
      parentPort.on('message', () => {
        most = Math.max(most, ++held)
        setTimeout(() => { held--; parentPort.postMessage({ kind: 'malformed', reason: threadId + ' ' + most }) }, 5)
      })`)
    const answers = await Promise.all(Array.from({ length: 40 }, () => pool.run(job)))
    const reasons = answers.map(answer => (answer.kind === 'malformed' ? answer.reason.split(' ') : []))
    expect(new Set(reasons.map(([id]) => id)).size).toBe(Math.min(2, availableParallelism()))
    expect(Math.max(...reasons.map(([, most]) => Number(most)))).toBe(2)
    await pool.close()
  })

  test('rejects what a thread that dies had to do, and starts another one', async () => {
    const pool = await poolOf(`parentPort.once('message', () => { throw new Error('broken') })`)
    await expect(pool.run(job)).rejects.toThrow('broken')
    await expect(pool.run(job)).rejects.toThrow('broken')
    await pool.close()
  })

  test('takes running out of memory for an answer to the one body, and gives what waited behind it to another thread', async () => {
    const pool = await poolOf(`
      parentPort.on('message', ({ signal }) => {
        if (signal === 'logs') throw Object.assign(new Error('too much'), { code: 'ERR_WORKER_OUT_OF_MEMORY' })
        parentPort.postMessage({ kind: 'malformed', reason: 'read' })
      })`)
    const all = ['traces', 'logs', 'traces', 'traces', 'logs', 'traces'] as const
    const answers = await Promise.all(all.map(signal => pool.run({ ...job, signal })))
    expect(answers.map(answer => answer.kind === 'malformed' && answer.reason.split(' ')[0])).toEqual(
      all.map(signal => (signal === 'logs' ? 'it' : 'read')),
    )
    await pool.close()
  })
})

test('the bundle finds the program of its threads, wherever it is run', async () => {
  const bodies: Buffer[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    if (Buffer.concat(parts).length > 0) bodies.push(Buffer.concat(parts))
    response.setHeader('content-type', String(request.headers['content-type'])).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const request = {
    resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), name: 'x' }] }] }],
  }
  await realFiles.write(join(folder, 'traces.jsonl'), Buffer.concat([encode(request), Buffer.from('\n')]))
  const args = ['replay', 'traces.jsonl', '--quiet-for', '0s', '--endpoint', `http://127.0.0.1:${port}`]
  const child = spawn(process.execPath, [resolve('bin/failoverctl.js'), ...args, '--protocol', 'http/protobuf', '--quiet'], {
    cwd: folder,
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (said += text))
  const [exit] = await once(child, 'close')
  server.close()
  expect([exit, exit === 0 ? '' : said]).toEqual([0, ''])
  expect(bodies.map(body => new Uint8Array(body))).toEqual([
    transcode({ signal: 'traces', encoding: 'json', body: encode(request) }, 'protobuf').body,
  ])
})
