import type { Random } from '../../core/random.ts'
import { runParts } from '../items.ts'

/** Ids as 32-bit words, from the sequence numbers of a trace's first span and of a span. */
export interface Ids {
  trace(sequence: number, into: Uint32Array): void
  span(sequence: number, into: Uint32Array): void
}

/** Ids that tell run and sequence number: see `identity.ts`. */
export function countedIds(run: string): Ids {
  const [high, low] = runParts(run)
  const span = (sequence: number, into: Uint32Array) => {
    into[0] = Math.floor(sequence / 2 ** 32)
    into[1] = sequence
  }
  return {
    span,
    trace(sequence, into) {
      into[0] = high
      into[1] = low
      into[2] = Math.floor(sequence / 2 ** 32)
      into[3] = sequence
    },
  }
}

/**
 * Ids that look like chance, for samplers and backends that spread by them. Each follows from its sequence number and what is drawn
 * here, so that parents, links and a table of ids need no memory.
 */
export function randomIds(random: Random): Ids {
  const drawn = Uint32Array.from({ length: 6 }, () => random() * 2 ** 32)
  const word = (sequence: number, index: number) =>
    mix(mix(sequence ^ (drawn[index] as number)) ^ Math.floor(sequence / 2 ** 32) ^ (drawn[(index + 1) % 6] as number))
  return {
    trace(sequence, into) {
      for (let index = 0; index < 4; index++) into[index] = word(sequence, index)
      // Zeros would be no id.
      into[3] = (into[3] as number) | 1
    },
    span(sequence, into) {
      into[0] = word(sequence, 4)
      into[1] = word(sequence, 5) | 1
    },
  }
}

/** MurmurHash3's last step (Austin Appleby, public domain): each bit of the number changes half of the result. */
function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
