import type { Appender, Disk, OpenFile } from '../core/disk.ts'
import type { Encoding, Signal } from '../otlp/signal.ts'

/** A line that cannot be delivered, with what a person needs to find it, mend it and send it again. */
export interface DeadLetter {
  readonly file: string
  readonly offset: number
  readonly length: number
  readonly reason: string
  readonly encoding: Encoding
  readonly signal?: Signal
  readonly items: number
  /** The line itself: text, base64, or a file of its own where it is too long. */
  readonly text?: string
  readonly base64?: string
  readonly kept?: string
}

export const DEAD_LETTERS = 'dead-letters.jsonl'
const COPY_BYTES = 1024 * 1024
const encoder = new TextEncoder()
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The bytes of a letter as fields of its line. */
export function keep(bytes: Uint8Array): Pick<DeadLetter, 'text' | 'base64'> {
  try {
    const text = strict.decode(bytes)
    // A line of text must stay one, and come back byte for byte.
    return { text }
  } catch {
    return { base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') }
  }
}

/** The line as it was. Undefined where it lies in a file of its own. */
export function bytesOf({ text, base64 }: DeadLetter): Uint8Array | undefined {
  if (text !== undefined) return encoder.encode(text)
  return base64 === undefined ? undefined : new Uint8Array(Buffer.from(base64, 'base64'))
}

/** Undefined when the line is no letter. */
export function parseLetter(line: Uint8Array): DeadLetter | undefined {
  try {
    const letter = JSON.parse(strict.decode(line)) as DeadLetter
    return letter.encoding === 'json' || letter.encoding === 'protobuf' ? letter : undefined
  } catch {
    return undefined
  }
}

/** Keeps what cannot be delivered in a file beside the checkpoint; each letter is on the disk before its line counts as settled. */
export class DeadLetters {
  readonly #folder: string
  readonly #disk: Pick<Disk, 'appender' | 'syncFolder'>
  #file: Promise<Appender> | undefined

  constructor(folder: string, disk: Pick<Disk, 'appender' | 'syncFolder'>) {
    this.#folder = folder
    this.#disk = disk
  }

  async add(letter: DeadLetter): Promise<void> {
    this.#file ??= this.#open(DEAD_LETTERS)
    const file = await this.#file
    await file.append(encoder.encode(`${JSON.stringify(letter)}\n`))
    await file.sync()
  }

  /** Copies a line that is too long to be held; answers with where it is. */
  async copy(source: OpenFile, from: number, to: number, name: string): Promise<string> {
    const target = await this.#open(name)
    const chunk = new Uint8Array(COPY_BYTES)
    for (let at = from; at < to; ) {
      const got = await source.read(chunk.subarray(0, Math.min(COPY_BYTES, to - at)), at)
      if (got === 0) break
      await target.append(chunk.slice(0, got))
      at += got
    }
    await target.sync()
    await target.close()
    return `${this.#folder}/${name}`
  }

  async close(): Promise<void> {
    await (await this.#file?.catch(() => undefined))?.close()
  }

  /** A file whose name is not on the disk is lost with all that was synced in it. */
  async #open(name: string): Promise<Appender> {
    const file = await this.#disk.appender(`${this.#folder}/${name}`)
    await this.#disk.syncFolder(this.#folder)
    return file
  }
}
