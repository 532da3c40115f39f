import type { Disk, OpenFile } from '../core/disk.ts'
import type { Encoding, Signal } from '../otlp/signal.ts'
import type { BackupFile, Shape } from './backup.ts'
import type { Chunk, ChunkPool } from './chunk.ts'
import { type Class, type Classify, classifierOf } from './classify.ts'
import { bytesOf, parseLetter } from './dead-letters.ts'
import { signalOfLine } from './envelope.ts'
import type { Limits } from './gather.ts'
import type { Held } from './held.ts'
import type { Intervals } from './intervals.ts'
import { firstStart, isPlain, ownParts } from './own-parts.ts'
import { type Batch, type ReadSettings, readLines } from './read-lines.ts'
import type { Mine } from './seams.ts'
import { encodingOf, encodingOfMessage, packingOf } from './shape.ts'
import { eachOf, lineTooLong, type RawLine, type Splitter, splitAlike, splitAtLengths, splitAtNewlines } from './split.ts'
import { unpackFrames } from './unpack-frames.ts'
import { Unpacked } from './unpacked.ts'

export type Found =
  | { readonly kind: 'line'; readonly line: Held }
  | { readonly kind: 'empty'; readonly from: number; readonly to: number }
  | {
      readonly kind: 'bad'
      readonly from: number
      readonly to: number
      readonly bytes: Uint8Array | undefined
      readonly encoding: Encoding
      readonly reason: string
    }

export interface BackupSettings {
  readonly disk: Pick<Disk, 'unzstd'>
  readonly pool: ChunkPool
  readonly maxLine: number
  readonly settled: Intervals
  /** Nobody writes to the file any more: what its last line lacks will not come. */
  readonly complete: boolean
  /** What protobuf is, where the person knows. */
  readonly signal?: Signal | undefined
  /** Whose lines are wanted, where not all are: the others of a file that is not packed need not be read. */
  readonly mine?: Mine | undefined
  /** Lines that are alike may come as one, of so much at most, where the shape allows it. Else each comes for itself. */
  readonly alike?: Limits | undefined
  /** Hears how far in a packed stream reading is: offsets of lines are those of what it unpacks to. */
  readonly packed?: (bytes: number) => void
}

const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd]
const FIRST_FIELD = [0x0a]
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]
/** Enough to tell a shape, behind a damaged first line, too. */
export const HEAD_BYTES = 16 * 1024

/** The shape of a file, by its content. Undefined when it is no backup. */
export async function shapeOf(opened: OpenFile, disk: Pick<Disk, 'unzstd'>, maxLine: number): Promise<Shape | undefined> {
  const head = new Uint8Array(HEAD_BYTES)
  const start = head.subarray(0, await opened.read(head, 0))
  const packing = packingOf(start)
  if (packing === undefined) return undefined
  const encoding = packing === 'none' ? encodingOf(start) : await encodingInside(packing, opened, start, disk, maxLine)
  return encoding && { packing, encoding }
}

async function encodingInside(
  packing: Exclude<Shape['packing'], 'none' | 'letters'>,
  opened: OpenFile,
  start: Uint8Array,
  disk: Pick<Disk, 'unzstd'>,
  maxLine: number,
): Promise<Encoding | undefined> {
  if (packing === 'frames') {
    const length = new DataView(start.buffer, start.byteOffset).getUint32(0)
    const frame = new Uint8Array(Math.min(length, maxLine))
    await opened.read(frame, 4)
    // A first frame that is damaged tells nothing, and the one after it is found by reading.
    return disk.unzstd(frame, maxLine).then(encodingOfMessage, () => 'json' as const)
  }
  const head = new Uint8Array(HEAD_BYTES)
  return encodingOf(head.subarray(0, await new Unpacked(opened.unpack(packing)).read(head, 0)))
}

/** Every line of the file that is not settled, classified; a chunk is the reader's again at the next step. */
export async function* readBackup(
  file: BackupFile,
  shape: Shape,
  opened: OpenFile,
  settings: BackupSettings,
): AsyncGenerator<readonly Found[]> {
  const { packing, encoding } = shape
  const { settled } = settings
  const stream = packing === 'zstd' || packing === 'gzip' ? new Unpacked(opened.unpack(packing, settings.packed)) : undefined
  const from = stream ? 0 : settled.lowWater
  const mayBeTooLong = settings.maxLine < settings.pool.size && encoding === 'json' && packing !== 'letters'
  const reading: ReadSettings = {
    split: splitterOf(shape, settings),
    pool: settings.pool,
    maxLine: settings.maxLine,
    from,
    size: stream ? Number.POSITIVE_INFINITY : file.size,
  }
  const usual = classifierOf(encoding, settings.signal)
  let end = reading.from
  const batches =
    settings.mine && isPlain(shape) ? readOwn(settings.mine, file, opened, reading) : readLines(stream ?? opened, reading)
  for await (const { chunk, lines } of batches) {
    const open = lines.filter(line => !settled.has(line.from))
    const [first] = open
    if (first?.from === 0 && encoding === 'json') open[0] = withoutMark(first)
    const uncut = settings.complete ? open : open.filter(({ cut }) => !cut)
    const whole = mayBeTooLong ? uncut.map(line => withinLimit(line, settings.maxLine)) : uncut
    end = lines.at(-1)?.to ?? end
    if (packing === 'letters') yield whole.flatMap(raw => foundInLetter(raw, file, settings.signal))
    else if (packing === 'frames')
      for await (const batch of unpackFrames(whole, settings))
        yield foundInAll(batch.lines, usual, { file, encoding, chunk: batch.chunk })
    else yield foundInAll(isAlike(whole) ? whole : whole.flatMap(eachOf), usual, { file, encoding, chunk })
  }
  if (stream?.damage)
    yield [{ kind: 'bad', from: end, to: end, bytes: undefined, encoding, reason: `damaged from here on: ${stream.damage}` }]
}

/** A byte order mark, as some editors put before a text: JSON must not begin with one, and a backend refuses it. */
const withoutMark = (line: RawLine): RawLine =>
  line.bytes && BYTE_ORDER_MARK.every((byte, index) => line.bytes?.[index] === byte)
    ? { ...line, bytes: line.bytes.subarray(BYTE_ORDER_MARK.length) }
    : line

/** What is longer than a chunk is told by its reader. */
const withinLimit = (line: RawLine, maxLine: number): RawLine =>
  (line.bytes?.length ?? 0) > maxLine ? { ...line, bytes: undefined, bad: lineTooLong(maxLine) } : line

/** The lines of a shard: newlines are where one may begin to read in the middle of a file. */
async function* readOwn(mine: Mine, file: BackupFile, opened: OpenFile, reading: ReadSettings): AsyncGenerator<Batch> {
  for (const part of ownParts(mine, file.id, file.size)) {
    const [, until] = part
    const first = reading.from < until ? await firstStart(opened, part) : undefined
    if (first === undefined) continue
    for await (const { chunk, lines } of readLines(opened, { ...reading, from: Math.max(first, reading.from), until }))
      yield { chunk, lines: lines.filter(({ from }) => from < until) }
  }
}

function splitterOf({ packing, encoding }: Shape, { maxLine, mine, alike, settled, pool }: BackupSettings): Splitter {
  if (packing === 'frames') return splitAtLengths(ZSTD_MAGIC, maxLine)
  if (encoding === 'protobuf') return splitAtLengths(FIRST_FIELD, maxLine)
  // What is settled, or too long, must be told apart from what is not.
  const apart = mine || maxLine < pool.size || packing === 'letters'
  return alike === undefined || apart ? splitAtNewlines : splitAlike(alike, settled.highWater)
}

/** Lines are taken as one by their ends and by the keys of the collector. In a file of somebody else the first ones already tell. */
function isAlike(lines: readonly RawLine[]): boolean {
  const first = lines.find(({ alike }) => alike)
  const [line] = first ? eachOf(first) : []
  return !line?.bytes || signalOfLine(line.bytes) !== undefined
}

/** A letter that a person may have mended: what counts is what it holds now. */
function foundInLetter(raw: RawLine, file: BackupFile, signal: Signal | undefined): Found[] {
  const letter = raw.bytes && parseLetter(raw.bytes)
  const bytes = letter && bytesOf(letter)
  const encoding = letter?.encoding ?? 'json'
  const bad = letter?.kept === undefined ? (raw.bad ?? 'not a dead letter') : `it lies in ${letter.kept}`
  const line = bytes ? { from: raw.from, to: raw.to, bytes } : { ...raw, bad }
  const classify = onlyOf(letter?.signal, classifierOf(encoding, signal ?? letter?.signal))
  return foundInAll([line], classify, { file, encoding, chunk: undefined })
}

/** Of a line with several signals the other ones were not refused. */
const onlyOf =
  (signal: Signal | undefined, classify: Classify): Classify =>
  line => {
    const found = classify(line)
    const part = found.kind === 'request' && found.parts.find(part => part.signal === signal)
    return part ? { ...found, parts: [part] } : found
  }

interface Origin {
  readonly file: BackupFile
  readonly encoding: Encoding
  readonly chunk: Chunk | undefined
}

function foundInAll(lines: readonly RawLine[], classify: Classify, origin: Origin): Found[] {
  const all: Found[] = []
  for (const line of lines) addFound(all, line, classify, origin)
  return all
}

/** Adds to one array: one for each line would be as many as there are lines. */
function addFound(all: Found[], raw: RawLine, classify: Classify, origin: Origin): void {
  const { from, to, bytes, bad, cut, alike } = raw
  const { file, encoding, chunk } = origin
  if (bad !== undefined || bytes === undefined) {
    all.push({ kind: 'bad', from, to, bytes, encoding, reason: bad ?? 'unreadable' })
    return
  }
  const found = classOf(bytes, raw, classify, encoding)
  if (found.kind === 'empty') all.push({ kind: 'empty', from, to })
  else if (found.kind === 'bad') {
    const reason = cut ? 'cut: the file ends in the middle of it' : found.reason
    all.push({ kind: 'bad', from, to, bytes, encoding, reason })
  } else {
    const { joinable } = found
    const parts = found.parts.length > 1 ? { left: found.parts.length } : undefined
    const ends = alike?.ends
    const count = ends?.length ?? 1
    for (const { signal, items } of found.parts)
      all.push({ kind: 'line', line: { file, from, to, signal, encoding, bytes, items, count, ends, joinable, chunk, parts } })
  }
}

function classOf(bytes: Uint8Array, { cut, alike }: RawLine, classify: Classify, encoding: Encoding): Class {
  if (alike) return { kind: 'request', parts: [alike], joinable: true }
  // Of JSON it shows whether something is missing.
  return cut && encoding === 'protobuf' ? { kind: 'bad', reason: '' } : classify(bytes)
}
