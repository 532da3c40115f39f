import type { NetworkChange } from './partition.ts'
import { isV6, type Peer } from './peer.ts'
import { inPlace, PLACE_IS_GONE, placeName } from './place.ts'

/** What becomes of packets: late, or lost by chance. */
export interface Shape {
  readonly delayMs?: number
  /** Above 0 to 1. */
  readonly lossShare?: number
}

/** By these numbers the undo knows what is ours: where somebody else's stands, tc refuses to delete it by them. */
const ROOT = 'fa11:'
const LATE = 'fa12:'
/** A fourth band, into which packets come by the filter alone; the map sends all others into the first three, as ever. */
const BANDS = ['bands', '4', 'priomap', ...'1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1'.split(' ')]
/** The kernel's 1000 would drop packets of a busy sender that are only meant to be late. */
const LIMIT = '100000'

const GONE = [
  'Cannot delete qdisc with handle of zero',
  'Invalid handle',
  'Cannot find specified qdisc',
  'Cannot find device',
  'RTNETLINK answers: No such file or directory',
  'RTNETLINK answers: Invalid argument',
]

/** Packets toward the peer are late or lost; all other packets of the device go as before. One such change at a time on a device. */
export function shape(peer: Peer, device: string, { delayMs, lossShare }: Shape): NetworkChange {
  const there = (...words: string[]) => inPlace(peer.place, ['tc', ...words])
  return {
    commands: shapeLines(peer, device, { delayMs, lossShare } as Shape).map(line => there(...line)),
    inverse: {
      do: 'run',
      commands: [there('qdisc', 'del', 'dev', device, 'root', 'handle', ROOT)],
      unlessSaid: [...GONE, ...PLACE_IS_GONE],
      what: `packets of port ${peer.port} are as fast as before in ${placeName(peer.place)}`,
    },
  }
}

/** The lines for tc; in a network of its own, which ends with the program, they show whether the kernel can do it. */
export function shapeLines({ side, addresses, port }: Peer, device: string, { delayMs, lossShare }: Shape): string[][] {
  const effect = [
    ...(delayMs === undefined ? [] : ['delay', `${delayMs}ms`]),
    ...(lossShare === undefined ? [] : ['loss', `${Number((lossShare * 100).toFixed(4))}%`]),
  ]
  const filters = (addresses.length > 0 ? addresses : ['0.0.0.0/0', '::/0']).map((address, index) => {
    const [protocol, word, bits] = isV6(address) ? ['ipv6', 'ip6', '128'] : ['ip', 'ip', '32']
    const one = addresses.length > 0 && side === 'remote' ? ['match', word, 'dst', `${address}/${bits}`] : []
    // From the place, packets go to the port of a peer, or come from the port that is here.
    const match = [...one, 'match', word, side === 'remote' ? 'dport' : 'sport', String(port), '0xffff']
    const priority = String(index + 1)
    const words = ['filter', 'add', 'dev', device, 'parent', ROOT, 'protocol', protocol, 'prio', priority, 'u32', ...match]
    return [...words, 'flowid', `${ROOT}4`]
  })
  return [
    ['qdisc', 'add', 'dev', device, 'root', 'handle', ROOT, 'prio', ...BANDS],
    ['qdisc', 'add', 'dev', device, 'parent', `${ROOT}4`, 'handle', LATE, 'netem', 'limit', LIMIT, ...effect],
    ...filters,
  ]
}
