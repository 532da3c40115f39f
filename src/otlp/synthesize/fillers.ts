import type { Ids } from './ids.ts'
import type { Place } from './slot.ts'
import { type Filler, timeOf } from './template.ts'

/** Places of one kind, as loops like them. */
interface Column {
  readonly at: Uint32Array
  readonly item: Int32Array
}

const columnOf = (places: readonly Place[]): Column => ({
  at: Uint32Array.from(places, ({ at }) => at),
  item: Int32Array.from(places, ({ slot }) => ('item' in slot ? slot.item : 0)),
})

/** Node 20 has no Map.groupBy. */
function grouped<K>(places: readonly Place[], keyOf: (place: Place) => K): Map<K, Place[]> {
  const groups = new Map<K, Place[]>()
  for (const place of places) {
    const group = groups.get(keyOf(place))
    if (group) group.push(place)
    else groups.set(keyOf(place), [place])
  }
  return groups
}

/** A link may point before the first request: to the first item then. */
const sequenceAt = (first: number, item: number): number => Math.max(1, first + item)

type WriteWords = (at: number, words: Uint32Array) => void
type WriteNumber = (at: number, value: number) => void

export function idFiller(places: readonly Place[], wordsOf: Ids['trace'], words: number, write: WriteWords): Filler {
  const { at, item } = columnOf(places)
  const id = new Uint32Array(words)
  return first => {
    for (let index = 0; index < at.length; index++) {
      wordsOf(sequenceAt(first, item[index] as number), id)
      write(at[index] as number, id)
    }
  }
}

export function sequenceFiller(places: readonly Place[], write: WriteNumber): Filler {
  const { at, item } = columnOf(places)
  return first => {
    for (let index = 0; index < at.length; index++) write(at[index] as number, sequenceAt(first, item[index] as number))
  }
}

/** The same instant stands in many places: it is written once and copied. */
export function timeFillers(places: readonly Place[], bytes: Uint8Array, encode: (nanos: bigint) => Uint8Array): Filler[] {
  const byShift = grouped(places, ({ slot }) => (slot.kind === 'time' ? slot.shiftNs : 0))
  return Array.from(byShift, ([shiftNs, same]) => {
    const at = Uint32Array.from(same, place => place.at)
    return (_, epochMs) => {
      const text = encode(timeOf(epochMs, shiftNs))
      for (let index = 0; index < at.length; index++) {
        const start = at[index] as number
        for (let offset = 0; offset < text.length; offset++) bytes[start + offset] = text[offset] as number
      }
    }
  })
}

export function ordinalFillers(places: readonly Place[], bytes: Uint8Array): Filler[] {
  const alike = grouped(places, ({ slot }) => (slot.kind === 'ordinal' ? `${slot.of} ${slot.digits}` : ''))
  return Array.from(alike.values(), same => {
    const { at, item } = columnOf(same)
    const slot = same[0]?.slot
    const [modulus, digits] = slot?.kind === 'ordinal' ? [slot.of, slot.digits] : [1, 1]
    return first => {
      for (let index = 0; index < at.length; index++) {
        let rest = (sequenceAt(first, item[index] as number) - 1) % modulus
        for (let digit = (at[index] as number) + digits - 1; digit >= (at[index] as number); digit--) {
          bytes[digit] = 48 + (rest % 10)
          rest = Math.floor(rest / 10)
        }
      }
    }
  })
}

const OK = 0
const ERROR = 2

/** `zero` is the byte that stands for 0: a digit in JSON, the number itself in protobuf. */
export function statusFiller(places: readonly Place[], bytes: Uint8Array, zero: number): Filler {
  const { at, item } = columnOf(places)
  const slot = places[0]?.slot
  const share = slot?.kind === 'status' ? slot.errors : 0
  return first => {
    for (let index = 0; index < at.length; index++) {
      const sequence = sequenceAt(first, item[index] as number)
      const isError = Math.floor(sequence * share) > Math.floor((sequence - 1) * share)
      bytes[at[index] as number] = zero + (isError ? ERROR : OK)
    }
  }
}
