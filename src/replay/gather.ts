import type { Encoding, Signal } from '../otlp/signal.ts'
import type { HeldLine } from './read-backup.ts'
import { JOIN_COST } from './splice.ts'

export interface Limits {
  /** A request is sent when it would grow over one of these; one line may be larger by itself. */
  readonly bytes: number
  readonly items: number
}

/** Collects lines that can be one request: of one signal, in one encoding, within the limits. */
export class Gatherer {
  readonly #limits: Limits
  readonly #open = new Map<`${Signal} ${Encoding}`, Gathered>()

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Answers with the requests that are ready now. */
  add(line: HeldLine): HeldLine[][] {
    if (!line.joinable) return [[line]]
    const key = `${line.signal} ${line.encoding}` as const
    const open = this.#open.get(key)
    const bytes = line.bytes.length + JOIN_COST
    if (open && open.bytes + bytes <= this.#limits.bytes && open.items + line.items <= this.#limits.items) {
      open.lines.push(line)
      open.bytes += bytes
      open.items += line.items
      return []
    }
    this.#open.set(key, { lines: [line], bytes, items: line.items })
    return open ? [open.lines] : []
  }

  /** What is large enough to go: at the end of a chunk, where the next line lies elsewhere and would have to be copied. */
  atChunkEnd(): HeldLine[][] {
    return this.#take(({ bytes }) => bytes * 2 >= this.#limits.bytes)
  }

  /** All that is left. */
  rest(): HeldLine[][] {
    return this.#take(() => true)
  }

  #take(ready: (gathered: Gathered) => boolean): HeldLine[][] {
    const taken: HeldLine[][] = []
    for (const [key, gathered] of this.#open) {
      if (!ready(gathered)) continue
      this.#open.delete(key)
      taken.push(gathered.lines)
    }
    return taken
  }
}

interface Gathered {
  readonly lines: HeldLine[]
  bytes: number
  items: number
}
