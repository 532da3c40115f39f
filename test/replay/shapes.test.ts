import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { REQUESTS } from '../../src/otlp/messages.ts'
import type { Signal } from '../../src/otlp/signal.ts'
import { jsonToProtobuf } from '../../src/otlp/transcode/to-protobuf.ts'
import { ChunkPool } from '../../src/replay/chunk.ts'
import { findBackups } from '../../src/replay/find.ts'
import type { Limits } from '../../src/replay/gather.ts'
import { apart, type Held } from '../../src/replay/held.ts'
import { Intervals } from '../../src/replay/intervals.ts'
import { type Found, readBackup } from '../../src/replay/read-backup.ts'
import { FakeDisk } from './fake-disk.ts'

const sample = (name: string) => readFileSync(new URL(`../../fixtures/backups/${name}`, import.meta.url))

/** Every line of a backup in memory. */
async function readAll(
  data: Uint8Array,
  { chunk = 4096, settled = new Intervals(), maxLine = 1024 * 1024, alike = undefined as Limits | undefined } = {},
) {
  const disk = new FakeDisk()
  disk.put('/b/backup', data)
  const { backups, ignored } = await findBackups(['/b'], { disk, files: disk.files })
  const [backup] = backups
  if (!backup) throw new Error(ignored[0]?.reason)
  const settings = { disk, pool: new ChunkPool(chunk), maxLine, settled, complete: true, alike }
  const found: Found[] = []
  for await (const batch of readBackup(backup.file, backup.shape, await disk.open('/b/backup'), settings))
    for (const one of batch)
      found.push(
        one.kind === 'line' ? { ...one, line: { ...one.line, chunk: undefined, bytes: new Uint8Array(one.line.bytes) } } : one,
      )
  return { shape: backup.shape, found }
}

const counted = (found: readonly Found[]) => {
  const items: Partial<Record<Signal | 'bad' | 'empty', number>> = {}
  for (const one of found) {
    const key = one.kind === 'line' ? one.line.signal : one.kind
    items[key] = (items[key] ?? 0) + (one.kind === 'line' ? one.line.items : 1)
  }
  return items
}

/** A line for each, as they come where none are taken as one. */
const eachOf = (found: Found): Found[] =>
  found.kind === 'line' ? apart(found.line).map(line => ({ kind: 'line', line: plain(line) })) : [found]

/** Without what says nothing of the line itself. */
const plain = (line: Held): Held => ({ ...line, ends: undefined, chunk: undefined })

const lengthPrefixed = (messages: readonly Uint8Array[]) =>
  Buffer.concat(
    messages.flatMap(message => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(message.length)
      return [length, message]
    }),
  )

const jsonLines = (name: string) => sample(name).toString().trim().split('\n')
const signalOf = (line: string): Signal =>
  line.startsWith('{"resourceSpans') ? 'traces' : line.startsWith('{"resourceLogs') ? 'logs' : 'metrics'
const asMessage = (line: string) => jsonToProtobuf(REQUESTS[signalOf(line)], Buffer.from(line))

describe('what a real collector wrote, in every shape and at every chunk size', () => {
  const traces = { traces: 20 }
  const all = { traces: 20, metrics: 5, logs: 5 }
  const cases: [name: string, data: () => Uint8Array, shape: object, items: object][] = [
    ['JSON lines', () => sample('traces.jsonl'), { packing: 'none', encoding: 'json' }, traces],
    ['signals mixed', () => sample('telemetry.jsonl'), { packing: 'none', encoding: 'json' }, all],
    ['protobuf', () => sample('traces.binpb'), { packing: 'none', encoding: 'protobuf' }, traces],
    ['zstd frames of JSON', () => sample('traces-zstd.jsonl.zst'), { packing: 'frames', encoding: 'json' }, traces],
    ['zstd frames of protobuf', () => sample('traces-zstd.binpb.zst'), { packing: 'frames', encoding: 'protobuf' }, traces],
    ['a zstd stream', () => sample('telemetry-native.jsonl.zst'), { packing: 'zstd', encoding: 'json' }, all],
    ['gzip', () => gzipSync(sample('telemetry.jsonl')), { packing: 'gzip', encoding: 'json' }, all],
    ['gzip of protobuf', () => gzipSync(sample('traces.binpb')), { packing: 'gzip', encoding: 'protobuf' }, traces],
    [
      'signals mixed in protobuf',
      () => lengthPrefixed(jsonLines('telemetry.jsonl').map(asMessage)),
      { packing: 'none', encoding: 'protobuf' },
      all,
    ],
  ]
  for (const [name, data, shape, items] of cases)
    test.each([64, 1000, 4096, 1024 * 1024])(`${name}, in chunks of %i bytes`, async chunk => {
      const read = await readAll(data(), { chunk })
      expect(read.shape).toEqual(shape)
      expect(counted(read.found)).toEqual(items)
      const alike = await readAll(data(), { chunk, alike: { bytes: chunk, items: 10 } })
      expect(alike.found.flatMap(eachOf)).toEqual(read.found)
    })
})

test('each line covers its own bytes, and together they cover the file', async () => {
  const data = sample('telemetry.jsonl')
  const { found } = await readAll(data, { chunk: 500 })
  const lines = found.flatMap(one => (one.kind === 'line' ? [one.line] : []))
  let at = 0
  for (const { from, to, bytes } of lines) {
    expect(from).toBe(at)
    expect(Buffer.from(bytes).toString()).toBe(data.subarray(from, to).toString().trimEnd())
    at = to
  }
  expect(at).toBe(data.length)
})

describe.each([
  ['JSON lines', (data: Uint8Array) => data],
  ['gzip', gzipSync],
])('lines that are settled are not read again, and all others are: %s', (_, packed) => {
  const data = packed(sample('traces.jsonl'))
  const isSettled: [name: string, test: (index: number) => boolean][] = [
    ['some in between', index => index % 3 !== 1],
    ['the first', index => index < 1],
    ['the first four', index => index < 4],
    ['the last', index => index > 5],
  ]
  test.each(isSettled)('%s', async (_, test) => {
    const all = (await readAll(data)).found.flatMap(one => (one.kind === 'line' ? [one.line] : []))
    const settled = new Intervals()
    for (const [index, { from, to }] of all.entries()) if (test(index)) settled.add(from, to)
    const alike = { bytes: 4096, items: 1000 }
    const asked = [{ settled }, { settled, alike }, { settled, alike, chunk: 2000 }]
    for (const { found } of await Promise.all(asked.map(settings => readAll(data, settings))))
      expect(found.flatMap(eachOf).flatMap(one => (one.kind === 'line' ? [one.line.from] : []))).toEqual(
        all.filter((_, index) => !test(index)).map(({ from }) => from),
      )
  })
})

describe('damage', () => {
  const line = jsonLines('traces.jsonl')[0] as string
  const messages = jsonLines('traces.jsonl').slice(0, 4).map(asMessage)
  const [first, second, third, fourth] = messages as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const cases: [name: string, data: string | Uint8Array, reasons: (string | RegExp)[], lines: number][] = [
    ['a last line that is cut', `${line}\n${line.slice(0, 99)}`, ['cut: the file ends in the middle of it'], 1],
    ['a last line without its newline', `${line}\n${line}`, [], 2],
    ['a line of zeros', `${line}\n${'\0'.repeat(50)}\n${line}\n`, ['not JSON'], 2],
    ['a first line whose start is gone', `${line.slice(40)}\n${line}\n`, ['not JSON'], 1],
    ['JSON that is not OTLP', `{"level":"info"}\n${line}\n`, ['no traces, metrics or logs in it'], 1],
    ['blank lines and empty requests', `\n${line}\n\n{"resourceSpans":[]}\n{}\n${line}\r\n`, [], 2],
    ['a message that is cut', lengthPrefixed(messages).subarray(0, -9), ['cut: the file ends in the middle of it'], 3],
    [
      'a length that is damaged',
      Buffer.concat([lengthPrefixed([first]), Buffer.from([255, 255, 255, 255]), second, lengthPrefixed([third, fourth])]),
      [/^damaged/],
      3,
    ],
    [
      'a message that is no OTLP',
      lengthPrefixed([first, Buffer.from([0x0a, 0x05, 1, 2, 3]), second]),
      [/^not an OTLP request/],
      2,
    ],
  ]
  test.each(cases)('%s', async (_, data, reasons, lines) => {
    const { found } = await readAll(typeof data === 'string' ? Buffer.from(data) : data)
    const bad = found.flatMap(one => (one.kind === 'bad' ? [one.reason] : []))
    expect(bad).toEqual(reasons.map(reason => (typeof reason === 'string' ? reason : expect.stringMatching(reason))))
    expect(found.filter(({ kind }) => kind === 'line')).toHaveLength(lines)
  })

  test.each(['\n', '\r\n'])('a byte order mark is not sent, and costs nothing: lines that end with %j', async ending => {
    const { found } = await readAll(Buffer.from(`\ufeff${line}${ending}${line}${ending}`), {
      alike: { bytes: 50_000, items: 1000 },
    })
    const sent = found.flatMap(eachOf).map(one => one.kind === 'line' && [Buffer.from(one.line.bytes).toString(), one.line.from])
    expect(sent).toEqual([
      [line, 0],
      [line, Buffer.byteLength(`\ufeff${line}${ending}`)],
    ])
  })

  // With the last ones it lies in one chunk with its neighbours.
  test.each([{ chunk: 1000 }, { chunk: 100_000 }, { chunk: 100_000, alike: { bytes: 50_000, items: 1000 } }])(
    'a line over the limit is passed over, and the lines around it are not: %j',
    async sizes => {
      const long = line.replace('telemetrygen', 'x'.repeat(20_000))
      const { found } = await readAll(Buffer.from(`${line}\n${long}\n${line}\n`), { ...sizes, maxLine: 8000 })
      expect(found.map(one => (one.kind === 'bad' ? [one.reason, one.from, one.to] : one.kind))).toEqual([
        'line',
        ['line of more than 8000 bytes', line.length + 1, line.length + long.length + 2],
        'line',
      ])
    },
  )

  test('nor is a message over the limit called damaged', async () => {
    const long = asMessage(line.replace('telemetrygen', 'x'.repeat(20_000)))
    const reasons = async (chunk: number) => {
      const { found } = await readAll(lengthPrefixed([first, long, long, second]), { chunk, maxLine: 8000 })
      return found.map(one => (one.kind === 'bad' ? one.reason : one.kind))
    }
    const tooLong = 'line of more than 8000 bytes'
    expect(await reasons(100_000)).toEqual(['line', tooLong, tooLong, 'line'])
    // In a smaller chunk nobody sees its end, and so whether its length is right.
    expect((await reasons(6000))[1]).toBe('damaged: no length of a message here, or one of more than 8000 bytes')
  })

  test.each([undefined, { bytes: 64, items: 10 }])('a file with keys behind the array is not joined by its ends', async alike => {
    const twofold = `{"resourceSpans":[{}],"resourceLogs":[{}]}`
    const { found } = await readAll(Buffer.from(`${twofold}\n${twofold}\n`), { chunk: 100, alike })
    expect(found.map(one => one.kind === 'line' && [one.line.signal, one.line.joinable])).toEqual([
      ['traces', false],
      ['logs', false],
      ['traces', false],
      ['logs', false],
    ])
  })
})

test('a file that is no backup is refused with what was looked for', async () => {
  await expect(readAll(Buffer.from('hello\nworld\n'))).rejects.toThrow('neither JSON lines')
  await expect(readAll(Buffer.from(''))).rejects.toThrow('empty')
})
