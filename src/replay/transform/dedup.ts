import type { Wanted } from './items.ts'

/** 32-bit numbers of a trace id and a span id. */
const WORDS = 6
/** Slots of one generation: 50 MB. A power of two. */
const MOST_SLOTS = 2 ** 21
const FIRST_SLOTS = 2 ** 12

/** A set of ids as plain numbers, exact: all 24 bytes of each are kept. */
class IdSet {
  readonly #most: number
  #slots = FIRST_SLOTS
  #words = new Uint32Array(FIRST_SLOTS * WORDS)
  size = 0

  constructor(most: number) {
    this.#most = most
  }

  get isFull(): boolean {
    return this.#slots >= this.#most && this.size >= this.#slots * 0.75
  }

  has(id: Uint32Array): boolean {
    const at = this.#find(id)
    return this.#isTaken(at)
  }

  add(id: Uint32Array): void {
    if (this.size >= this.#slots * 0.75 && this.#slots < this.#most) this.#grow()
    const at = this.#find(id)
    if (this.#isTaken(at)) return
    this.#words.set(id, at)
    this.size++
  }

  /** Where it is, or the free slot where it belongs. */
  #find(id: Uint32Array): number {
    const mask = this.#slots - 1
    let hash = 0x811c9dc5
    for (const word of id) hash = Math.imul(hash ^ word, 0x9e3779b1) ^ (hash >>> 15)
    for (let slot = (hash >>> 0) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * WORDS
      if (!this.#isTaken(at) || id.every((word, index) => this.#words[at + index] === word)) return at
    }
  }

  // An id of zeros alone is not valid, and is never put here.
  #isTaken(at: number): boolean {
    const words = this.#words
    return (words[at]! | words[at + 1]! | words[at + 2]! | words[at + 3]! | words[at + 4]! | words[at + 5]!) !== 0
  }

  #grow(): void {
    const before = this.#words
    this.#slots *= 2
    this.#words = new Uint32Array(this.#slots * WORDS)
    for (let at = 0; at < before.length; at += WORDS) {
      const id = before.subarray(at, at + WORDS)
      if (id.some(word => word !== 0)) this.#words.set(id, this.#find(id))
    }
  }
}

/**
 * Lets each span through once, by trace and span id, across all files of a run. Exact, never by chance: what it drops was
 * there before. It remembers the latest 1.5 to 3 million spans in at most 100 MB; a repetition from before that goes through.
 * Metrics and logs have no identity, and go through.
 */
export function dedup(mostSlots = MOST_SLOTS): Wanted {
  let current = new IdSet(mostSlots)
  let older = new IdSet(mostSlots)
  const id = new Uint32Array(WORDS)
  return ({ signal, leaf }) => {
    if (signal !== 'traces' || !readId(leaf.traceId, leaf.spanId, id)) return true
    if (current.has(id) || older.has(id)) return false
    if (current.isFull) {
      older = current
      current = new IdSet(mostSlots)
    }
    current.add(id)
    return true
  }
}

function readId(traceId: unknown, spanId: unknown, into: Uint32Array): boolean {
  if (typeof traceId !== 'string' || typeof spanId !== 'string') return false
  const text = traceId + spanId
  if (traceId.length !== 32 || !/^(?!0+$)[0-9a-f]{48}$/i.test(text)) return false
  for (let word = 0; word < WORDS; word++) into[word] = Number.parseInt(text.slice(word * 8, word * 8 + 8), 16)
  return true
}
