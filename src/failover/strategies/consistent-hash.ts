import type { Random } from '../../core/random.ts'
import type { Member } from '../member.ts'
import { byPriority, type Choose, isFree, type Strategy, type Wanted } from '../strategy.ts'

export interface HashSettings {
  /** Points on the ring for an endpoint of weight 1; more spread the keys more evenly. */
  readonly points: number
  /** No endpoint has more than this many times its share of the open requests (Mirrokni et al., bounded loads). Infinity: unbounded. */
  readonly loadBound: number
}

export const HASH_DEFAULTS: HashSettings = { points: 160, loadBound: 1.25 }

/**
 * The same key goes to the same endpoint, and when an endpoint comes or goes only its own keys move (ketama).
 * A key whose endpoint is out or overloaded goes to the next one on the ring; without a key any will do.
 */
export const consistentHash = (given: Partial<HashSettings> = {}): Strategy => {
  const settings = { ...HASH_DEFAULTS, ...given }
  return { name: 'consistent-hash', levels: byPriority, share: (members, random) => chooseOnRing(members, random, settings) }
}

function chooseOnRing(members: readonly Member[], random: Random, { points, loadBound }: HashSettings): Choose {
  const ring = ringOf(members, points)
  const totalWeight = members.reduce((sum, { endpoint }) => sum + endpoint.weight, 0)
  return (wanted, now) => {
    if (!members.some(member => isFree(member, wanted, now))) return undefined
    const start = ring.after(wanted.key === undefined ? Math.floor(random() * 2 ** 32) : hash(wanted.key, 0))
    const mostPerWeight =
      loadBound === Number.POSITIVE_INFINITY ? loadBound : (loadBound * (openRequests(members) + 1)) / totalWeight
    return ring.walk(start, wanted, now, mostPerWeight)
  }
}

function openRequests(members: readonly Member[]): number {
  let open = 0
  for (const { inFlight } of members) open += inFlight
  return open
}

function ringOf(members: readonly Member[], points: number) {
  // Large weights (100 each, say) need not make the ring a hundred times larger. A power of two: it changes seldom.
  const largest = Math.max(1, ...members.map(({ endpoint }) => endpoint.weight))
  const unit = Math.max(1, 2 ** Math.floor(Math.log2(largest)) / 4)
  const placed = members.flatMap(member =>
    Array.from({ length: Math.ceil((points * member.endpoint.weight) / unit) }, (_, n) => ({
      at: hash(member.endpoint.id, n + 1),
      member,
    })),
  )
  placed.sort((a, b) => a.at - b.at || (a.member.endpoint.id < b.member.endpoint.id ? -1 : 1))
  const places = Uint32Array.from(placed, ({ at }) => at)

  return {
    /** The first point at or after this place. */
    after(place: number): number {
      let low = 0
      let high = places.length
      while (low < high) {
        const middle = (low + high) >>> 1
        if (places[middle]! < place) low = middle + 1
        else high = middle
      }
      return low
    },
    /** The first member from a point on that is free and has room; the first that is free when none has room. */
    walk(start: number, wanted: Wanted, now: number, mostPerWeight: number): Member | undefined {
      let free: Member | undefined
      for (let step = 0; step < placed.length; step++) {
        const { member } = placed[(start + step) % placed.length]!
        if (!isFree(member, wanted, now)) continue
        if (member.inFlight < Math.ceil(mostPerWeight * member.endpoint.weight)) return member
        free ??= member
      }
      return free
    },
  }
}

/** FNV-1a over the text, then mixed so that neighbours land far apart (the finalizer of MurmurHash3). */
function hash(text: string, seed: number): number {
  let value = Math.imul(0x811c9dc5 ^ seed, 0x9e3779b1)
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
