import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { FailoverctlError } from '../core/errors.ts'
import type { PackedAs } from '../core/host.ts'
import { wholeZstd } from './unzstd.ts'

type Transform = (body: Uint8Array) => Promise<Buffer>

// Node has zstd from 22.15 on; the types are of an older one.
const { zstdCompress } = zlib as unknown as {
  zstdCompress?: (body: Uint8Array, done: (error: Error | null, packed: Buffer) => void) => void
}

const gzip = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.gzip)
// The fastest level: telemetry shrinks to a tenth with it, and the next levels take twice the time for little more.
const PACK: Readonly<Record<PackedAs, Transform | undefined>> = {
  gzip: body => gzip(body, { level: zlib.constants.Z_BEST_SPEED }),
  zstd: zstdCompress && (promisify(zstdCompress) as Transform),
}

/** On a pool of threads. Throws `wrong-use` where this Node cannot. */
export async function pack(body: Uint8Array, as: PackedAs): Promise<Buffer> {
  const transform = PACK[as]
  if (transform) return transform(body)
  throw new FailoverctlError(
    'wrong-use',
    `this Node (${process.version}) cannot compress with ${as}`,
    'Use gzip, or Node 22.15 or newer.',
  )
}

const gunzip = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.gunzip)
const inflate = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.inflate)

type Unpack = (body: Uint8Array, limit: number) => Promise<Uint8Array>

const UNPACK = new Map<string, Unpack>([
  ['gzip', (body, maxOutputLength) => gunzip(body, { maxOutputLength })],
  ['deflate', (body, maxOutputLength) => inflate(body, { maxOutputLength })],
  ['zstd', unzstd],
])

export const canUnpack = (encoding: string): boolean => UNPACK.has(encoding)

/** Rejects when the body is no such stream, or gives more than `limit` bytes. */
export const unpack = (encoding: string, body: Uint8Array, limit: number): Promise<Uint8Array> =>
  (UNPACK.get(encoding) as Unpack)(body, limit)

async function unzstd(body: Uint8Array, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of wholeZstd([body])) {
    length += part.length
    if (length > limit) throw new Error('too large')
    parts.push(part)
  }
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts)
}
