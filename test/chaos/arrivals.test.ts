import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Arrivals } from '../../src/chaos/arrivals.ts'
import { FakeDisk } from '../replay/fake-disk.ts'

const RUN = '00000000000000ab'
const OTHER = '00000000000000cd'
const FILE = 'primary.jsonl'

const hex = (number: number) => number.toString(16).padStart(16, '0')
const line = (run: string, ...numbers: number[]): string => {
  const spans = numbers.map(number => ({
    traceId: run + hex(number),
    spanId: hex(number),
    name: 'é',
  }))
  return `${JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })}\n`
}
const METRICS = '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[]}]}]}\n'

const numbers = ({ witness }: Arrivals) => [...witness.seen]

async function reading(before?: string): Promise<{ disk: FakeDisk; arrivals: Arrivals }> {
  const disk = new FakeDisk()
  if (before !== undefined) disk.put(FILE, before)
  const arrivals = new Arrivals(FILE, RUN, disk)
  await arrivals.skipToEnd()
  return { disk, arrivals }
}

async function write(disk: FakeDisk, text: string | Uint8Array): Promise<void> {
  const file = await disk.appender(FILE)
  await file.append(typeof text === 'string' ? new TextEncoder().encode(text) : text)
}

test('a file that is not there yet holds nothing, and is read once it is', async () => {
  const { disk, arrivals } = await reading()
  await arrivals.read()
  expect(numbers(arrivals)).toEqual([])
  await write(disk, line(RUN, 1, 2) + METRICS + line(OTHER, 3))
  await arrivals.read()
  expect(numbers(arrivals)).toEqual([1, 2])
})

test('what was there before is skipped, also when it ends in the middle of a line', async () => {
  for (const before of [line(RUN, 1), line(RUN, 1).slice(0, -20), METRICS]) {
    const { disk, arrivals } = await reading(before)
    await write(disk, `${before.endsWith('\n') ? '' : '"}]}]}]}\n'}${line(RUN, 2)}`)
    await arrivals.read()
    expect(numbers(arrivals)).toEqual([2])
  }
})

test('a new file, and one that was emptied, is read from its start, and what was in it before still counts', async () => {
  const { disk, arrivals } = await reading('')
  await write(disk, line(RUN, 1, 2, 3))
  await arrivals.read()
  disk.put(FILE, line(RUN, 4, 5, 6, 7, 8))
  await arrivals.read()
  const inode = disk.names.get(FILE)
  if (inode) inode.data = new TextEncoder().encode(line(RUN, 9))
  await arrivals.read()
  expect(numbers(arrivals)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
})

async function doubt(arrivals: Arrivals): Promise<string | undefined> {
  await arrivals.read()
  return arrivals.witness.doubt
}

test('a file that is rotated away is read to its end, also while it is gone for a moment', async () => {
  const { disk, arrivals } = await reading('')
  await write(disk, line(RUN, 1))
  await arrivals.read()
  const old = disk.names.get(FILE) as NonNullable<ReturnType<typeof disk.names.get>>
  await write(disk, line(RUN, 2))
  await disk.rename(FILE, 'primary-2026.jsonl')
  await arrivals.read()
  expect(numbers(arrivals)).toEqual([1, 2])
  old.data = Buffer.concat([old.data, new TextEncoder().encode(line(RUN, 3))])
  disk.put(FILE, line(RUN, 4))
  await arrivals.read()
  expect(numbers(arrivals)).toEqual([1, 2, 3, 4])
  expect(await doubt(arrivals)).toBeUndefined()
})

test.each<[what: string, story: (disk: FakeDisk, arrivals: Arrivals) => Promise<void>, why: RegExp | undefined]>([
  ['no file at all', async () => {}, /^has no file primary.jsonl$/],
  ['an empty file', async disk => disk.put(FILE, ''), undefined],
  [
    'a file that was there and is gone',
    async (disk, arrivals) => {
      await write(disk, line(RUN, 1))
      await arrivals.read()
      await disk.remove(FILE)
    },
    /^has no file primary.jsonl$/,
  ],
  [
    'emptied by somebody else',
    async (disk, arrivals) => {
      await write(disk, line(RUN, 1, 2))
      await arrivals.read()
      const inode = disk.names.get(FILE)
      if (inode) inode.data = new TextEncoder().encode(line(RUN, 3))
    },
    /^emptied its file while the run went on: primary.jsonl$/,
  ],
  [
    'emptied by a restart of ours',
    async (disk, arrivals) => {
      await write(disk, line(RUN, 1, 2))
      await arrivals.readBeforeRestart()
      const inode = disk.names.get(FILE)
      if (inode) inode.data = new TextEncoder().encode(line(RUN, 3))
    },
    undefined,
  ],
  ['lines of another format', disk => write(disk, 'no JSON\n'), /^writes lines that are no JSON: primary.jsonl$/],
  ['no lines', disk => write(disk, new Uint8Array([0, 0, 1, 9, 10 + 1])), /^writes no JSON lines into primary.jsonl/],
  ['the beginning of a line', disk => write(disk, line(RUN, 1).slice(0, 30)), undefined],
  ['a line that is broken', disk => write(disk, '{"resourceSpans":[}\n'), /^has a line that cannot be read: primary.jsonl$/],
])('%s', async (_, story, why) => {
  const disk = new FakeDisk()
  const arrivals = new Arrivals(FILE, RUN, disk)
  await arrivals.skipToEnd()
  await story(disk, arrivals)
  if (why) expect(await doubt(arrivals)).toMatch(why)
  else expect(await doubt(arrivals)).toBeUndefined()
})

test('a file that cannot be read now, and can be the next time, leaves no doubt; one that never can does', async () => {
  const { disk, arrivals } = await reading()
  await write(disk, line(RUN, 1))
  const open = disk.open.bind(disk)
  disk.open = () => Promise.reject(new Error('primary.jsonl: no permission'))
  expect(await doubt(arrivals)).toBe('primary.jsonl: no permission')
  disk.open = open
  expect(await doubt(arrivals)).toBeUndefined()
  expect(numbers(arrivals)).toEqual([1])
})

test('what stands behind half a line of a process that was killed counts, the half line does not', async () => {
  const { disk, arrivals } = await reading('')
  await write(disk, `${line(RUN, 1)}${line(RUN, 2).slice(0, -20)}`)
  await arrivals.read()
  await write(disk, line(RUN, 3) + line(RUN, 4))
  expect(await doubt(arrivals)).toBeUndefined()
  expect(numbers(arrivals)).toEqual([1, 3, 4])
})

test('planted duplicates are counted', async () => {
  const { disk, arrivals } = await reading()
  await write(disk, line(RUN, 1, 2) + line(RUN, 2) + line(RUN, 2))
  await arrivals.read()
  expect(numbers(arrivals)).toEqual([1, 2])
  expect(arrivals.witness.repeated).toBe(2)
})

test('however the file grows, every whole line counts once', async () => {
  const whole = new TextEncoder().encode(Array.from({ length: 20 }, (_, index) => line(RUN, index + 1)).join(''))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 30 }), async cuts => {
      const { disk, arrivals } = await reading()
      const ends = [...new Set([...cuts, whole.length])].sort((a, b) => a - b)
      for (const [index, end] of ends.entries()) {
        await write(disk, whole.subarray(ends[index - 1] ?? 0, end))
        await arrivals.read()
      }
      expect(numbers(arrivals)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
      expect(arrivals.witness.repeated).toBe(0)
    }),
    { seed: 7, numRuns: 50 },
  )
})
