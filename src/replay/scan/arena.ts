import code from '#scan-lines'
import type { Signal } from '../../otlp/signal.ts'
import { KEYS, RARE } from '../count-json.ts'
import { likelySignal, OPENINGS } from '../envelope.ts'
import type { Alike } from './alike.ts'

/** WebAssembly's unit of memory. */
const PAGE = 64 * 1024
/** The numbers of lines.wat. */
const OPENING_AT = 0
const KEYS_AT = 32
const TELLING_AT = 160
const ITEMS_AT = 176
const ENDS_AT = 180
const MOST_LINES = (PAGE - ENDS_AT) / 4
const KEY_BYTES = 16
/** Chunks share a memory, which goes when the last of them does. */
const ARENA_BYTES = 16 * 1024 * 1024

/** By the lower half of each. No other byte may have the half of its place: 0 has one, too. */
const telling = (letters: string): Uint8Array => {
  const table = new Uint8Array(KEY_BYTES).fill(0xff, 0, 1)
  for (const byte of Buffer.from(`U\n${letters}`)) table[byte & 0x0f] = byte
  return table
}
/** Where lines of a signal may be other than they seem: at the exemplars of a metric, and at a key of another signal. */
const TELLING: Readonly<Record<Signal, Uint8Array>> = { traces: telling('LM'), metrics: telling('xLS'), logs: telling('MS') }

type Scan = (start: number, end: number, opening: number, mostLines: number, mostItems: number) => number

let compiled: WebAssembly.Module | undefined

/** Memory for chunks in which lines can be looked at many times as fast as from JavaScript. */
export class Arena {
  readonly #bytes: Buffer
  readonly #scan: Scan
  readonly #size: number
  #next = PAGE
  #signal: Signal | undefined

  constructor(size: number) {
    this.#size = size
    // The last page is for looks behind the end of the last chunk: they take 16 bytes at once.
    const pages = Math.ceil((Math.max(1, Math.floor(ARENA_BYTES / size)) * size) / PAGE) + 2
    // Pages that nobody touches cost nothing. It never grows: that would take the memory from those who hold a part of it.
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    compiled ??= new WebAssembly.Module(code)
    const { exports } = new WebAssembly.Instance(compiled, { chunks: { memory } })
    this.#scan = exports.scan as Scan
    this.#bytes = Buffer.from(memory.buffer)
  }

  /** Undefined when there is no room for another chunk. */
  take(): Buffer | undefined {
    const at = this.#next
    if (at + this.#size + PAGE > this.#bytes.length) return undefined
    this.#next += this.#size
    return this.#bytes.subarray(at, this.#next)
  }

  /**
   * The lines that `bytes`, a part of a chunk of this memory, begins with, as long as they are of one signal and as the collector
   * writes them: so many items at most. Undefined when already the first one is not.
   */
  alike(bytes: Uint8Array, mostItems: number): Alike | undefined {
    const signal = likelySignal(bytes)
    if (!signal) return undefined
    this.#expect(signal)
    const { byteOffset: from, length } = bytes
    const lines = this.#scan(from, from + length, OPENINGS[signal].length, MOST_LINES, Math.min(mostItems, 2 ** 31 - 1))
    if (lines === 0) return undefined
    const items = this.#bytes.readUInt32LE(ITEMS_AT)
    return { signal, items, ends: new Uint32Array(this.#bytes.buffer, ENDS_AT, lines).slice() }
  }

  #expect(signal: Signal): void {
    if (signal === this.#signal) return
    this.#signal = signal
    this.#bytes.set(OPENINGS[signal], OPENING_AT)
    this.#bytes.set(TELLING[signal], TELLING_AT)
    const { any, first } = KEYS[signal]
    for (const [index, key] of [any[0], any[1], first[0], first[1]].entries())
      this.#expectKey(key, KEYS_AT + index * KEY_BYTES * 2)
  }

  /** What stands before the rarest letter, right-aligned, behind a mask of it. Without a key nothing equals it. */
  #expectKey(key: Uint8Array | undefined, at: number): void {
    this.#bytes.fill(0, at, at + KEY_BYTES)
    this.#bytes.fill(0xff, at + KEY_BYTES, at + KEY_BYTES * 2)
    if (!key) return
    const before = key.subarray(0, key.indexOf(RARE))
    this.#bytes.fill(0, at + KEY_BYTES, at + KEY_BYTES * 2)
    this.#bytes.fill(0xff, at + KEY_BYTES - before.length, at + KEY_BYTES)
    this.#bytes.set(before, at + KEY_BYTES * 2 - before.length)
  }
}
