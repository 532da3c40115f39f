import type { Inverse } from '../inverse.ts'
import { isV6, type Peer } from './peer.ts'
import { inPlace, PLACE_IS_GONE, placeName } from './place.ts'

/** A change of the network as words for programs, and what takes it back. */
export interface NetworkChange {
  readonly commands: readonly (readonly string[])[]
  readonly inverse: Inverse & { readonly do: 'run' }
}

/** iptables waits so many seconds for others that change rules. */
const WAIT = ['-w', '5']

/** What iptables says of a rule that is not there. */
const RULE_IS_GONE = ['does a matching rule exist', 'No chain/target/match by that name']

/**
 * Packets in both directions are dropped, and nobody is told: only timeouts notice. Each rule carries the mark as a comment, by which
 * it is found and removed, and no other; it stands before all others, which might let the packets through.
 */
export function partition(peer: Peer, mark: string): NetworkChange {
  const rules = rulesOf(peer).map(([tool, chain, ...match]) => ({
    tool,
    chain,
    match: [...match, ...marked(mark), '-j', 'DROP'],
  }))
  const words = (verb: string) =>
    rules.map(({ tool, chain, match }) => inPlace(peer.place, [tool, ...WAIT, verb, chain, ...match]))
  return {
    commands: words('-I'),
    inverse: {
      do: 'run',
      commands: words('-D'),
      unlessSaid: [...RULE_IS_GONE, ...PLACE_IS_GONE],
      what: `packets of port ${peer.port} pass again in ${placeName(peer.place)}`,
    },
  }
}

/** Asks whether a rule is there that is not: the answer tells whether one could be made, and nothing is changed. */
export const rehearsal = (tool: 'iptables' | 'ip6tables'): string[] => [
  tool,
  ...WAIT,
  '-C',
  'OUTPUT',
  '-p',
  'tcp',
  '--dport',
  '9',
  ...marked('failoverctl:rehearsal'),
  '-j',
  'DROP',
]

/** iptables ends with this code, and says so, where there is no such rule. */
export const isNoSuchRule = (said: string): boolean => said.includes('does a matching rule exist')

const marked = (mark: string): string[] => ['-m', 'comment', '--comment', mark]

function rulesOf({ side, addresses, port }: Peer): [tool: string, chain: string, ...match: string[]][] {
  const families = addresses.length > 0 ? addresses : (['0.0.0.0/0', '::/0'] as const)
  const toward = (direction: '-d' | '-s', address: string) => (addresses.length > 0 ? [direction, address] : [])
  return families.flatMap(address => {
    const tool = isV6(address) ? 'ip6tables' : 'iptables'
    const [there, back] = side === 'remote' ? (['OUTPUT', 'INPUT'] as const) : (['INPUT', 'OUTPUT'] as const)
    return [
      [tool, there, '-p', 'tcp', ...toward('-d', address), '--dport', String(port)],
      [tool, back, '-p', 'tcp', ...toward('-s', address), '--sport', String(port)],
    ] satisfies [string, string, ...string[]][]
  })
}
