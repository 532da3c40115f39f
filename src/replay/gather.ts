import type { Encoding, Signal } from '../otlp/signal.ts'
import { type Held, itemsOf } from './held.ts'
import { JOIN_COST } from './splice.ts'

export interface Limits {
  /** A request is sent when it would grow over one of these; one line may be larger by itself. */
  readonly bytes: number
  readonly items: number
}

const NOTHING: readonly Held[][] = []

/** Collects lines that can be one request: of one signal, in one encoding, within the limits. */
export class Gatherer {
  readonly #limits: Limits
  readonly #open: Record<Encoding, Map<Signal, Gathered>> = { json: new Map(), protobuf: new Map() }

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Answers with the requests that are ready now. */
  add(line: Held): readonly Held[][] {
    if (!line.joinable) return [[line]]
    const all = this.#open[line.encoding]
    const open = all.get(line.signal)
    if (!open) {
      all.set(line.signal, gathered([line]))
      return NOTHING
    }
    const bytes = bytesOf(line)
    if (open.bytes + bytes <= this.#limits.bytes && open.items + line.items <= this.#limits.items) {
      open.lines.push(line)
      open.bytes += bytes
      open.items += line.items
      return NOTHING
    }
    const [ready, kept] = this.#parted(open.lines)
    if (kept.length === 0) {
      all.set(line.signal, gathered([line]))
      return [ready]
    }
    all.set(line.signal, gathered(kept))
    return [ready, ...this.add(line)]
  }

  /** What is large enough to go: at the end of a chunk, where the next line lies elsewhere and would have to be copied. */
  atChunkEnd(): readonly Held[][] {
    return this.#take(({ bytes }) => this.#isLarge(bytes))
  }

  /** All that is left. */
  rest(): readonly Held[][] {
    return this.#take(() => true)
  }

  /**
   * A full request as what goes now and what stays. The rest of an earlier file goes alone where the lines behind it are many:
   * else it would shift the border of every later request to the middle of a chunk, and all of them would be copied.
   */
  #parted(lines: Held[]): [ready: Held[], kept: Held[]] {
    const chunk = lines.at(-1)?.chunk
    const first = lines.findIndex(line => line.chunk === chunk)
    const kept = lines.slice(first)
    return chunk && first > 0 && this.#isLarge(sum(kept, bytesOf)) ? [lines.slice(0, first), kept] : [lines, []]
  }

  #isLarge(bytes: number): boolean {
    return bytes * 2 >= this.#limits.bytes
  }

  #take(ready: (open: Gathered) => boolean): Held[][] {
    const taken: Held[][] = []
    for (const all of Object.values(this.#open)) {
      for (const [signal, open] of all) {
        if (!ready(open)) continue
        all.delete(signal)
        taken.push(open.lines)
      }
    }
    return taken
  }
}

interface Gathered {
  readonly lines: Held[]
  bytes: number
  items: number
}

const gathered = (lines: Held[]): Gathered => ({ lines, bytes: sum(lines, bytesOf), items: itemsOf(lines) })

const bytesOf = ({ bytes }: Held): number => bytes.length + JOIN_COST

const sum = (lines: readonly Held[], of: (line: Held) => number): number => lines.reduce((total, line) => total + of(line), 0)
