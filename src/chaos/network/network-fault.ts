import { FailoverctlError } from '../../core/errors.ts'
import type { Address, Host } from '../../core/host.ts'
import type { PlannedFault } from '../experiment.ts'
import { IN_ENGLISH, perform, type World } from '../inverse.ts'
import type { Deed, Prepared } from '../target.ts'
import type { NetworkAbilities } from './abilities.ts'
import { type NetworkChange, partition } from './partition.ts'
import { addressesOf, type Peer } from './peer.ts'
import { inPlace, type Place, placeName } from './place.ts'
import { networkProblem, runThere } from './run-there.ts'
import { type Shape, shape } from './shaping.ts'

/** What a network tool can do to the traffic of a port. */
export const NETWORK_DEEDS = ['partition', 'latency', 'loss'] as const satisfies readonly Deed[]
export type NetworkDeed = (typeof NETWORK_DEEDS)[number]

export const isNetworkDeed = (deed: Deed): deed is NetworkDeed => (NETWORK_DEEDS as readonly Deed[]).includes(deed)

/** Each deed with why it cannot be done; those that can be are not there. */
export function cannotDo({ partition: cut, shaping }: NetworkAbilities): Partial<Record<NetworkDeed, string>> {
  return { ...(cut && { partition: cut }), ...(shaping && { latency: shaping, loss: shaping }) }
}

export interface NetworkSettings {
  readonly place: Place
  readonly side: Peer['side']
  /** Whose port it is, as the senders' config names it. */
  readonly to: Address
  /** In every rule, so that it can be told from others: `failoverctl:<run>`. */
  readonly mark: string
}

/** Finds the addresses and the device as they are now; nothing is changed before `inject`. */
export async function prepareNetworkFault(
  deed: NetworkDeed,
  { latencyMs, share }: PlannedFault,
  { place, side, to, mark }: NetworkSettings,
  world: World,
): Promise<Prepared> {
  const addresses = side === 'remote' ? await addressesOf(to, place, world) : []
  const peer: Peer = { place, side, addresses, port: to.port }
  if (deed === 'partition') return prepared(partition(peer, mark), peer, world)
  const wanted: Shape = deed === 'latency' ? { delayMs: latencyMs ?? 0 } : { lossShare: share ?? 1 }
  return prepared(shape(peer, await deviceOf(peer, world), wanted), peer, world)
}

function prepared({ commands, inverse }: NetworkChange, { place }: Peer, world: World): Prepared {
  return {
    inverse,
    async inject() {
      for (const words of commands) {
        const ended = await world.tools.run(words, IN_ENGLISH)
        if (ended.code !== 0) throw networkProblem(place, commandOf(place, words), ended)
      }
    },
    undo: async () => void (await perform(inverse, world)),
  }
}

const commandOf = (place: Place, words: readonly string[]): readonly string[] => words.slice(inPlace(place, []).length)

/** The one device through which the packets leave. Throws where somebody else shapes its traffic already. */
async function deviceOf({ place, side, addresses }: Peer, world: Pick<Host, 'tools'>): Promise<string> {
  const devices = new Set<string>()
  for (const address of side === 'remote' ? addresses : []) {
    const [route] = JSON.parse(await runThere(place, ['ip', '-j', 'route', 'get', address], world)) as { dev?: string }[]
    if (route?.dev) devices.add(route.dev)
  }
  const [device, other] = side === 'remote' ? devices : await outerDevices(place, world)
  if (!device || other) {
    const found = device ? `${device}, ${other} and perhaps more` : 'none'
    const hint = "Name one address as the exporter's endpoint, or use the fault proxy."
    throw new FailoverctlError('not-embedded', `packets would leave ${placeName(place)} by one device, found ${found}`, hint)
  }
  const [root] = JSON.parse(await runThere(place, ['tc', '-j', 'qdisc', 'show', 'dev', device, 'root'], world)) as Qdisc[]
  if (!root || root.handle === '0:') return device
  const whose = `${device} in ${placeName(place)} has a traffic control already: ${root.kind} ${root.handle}`
  throw new FailoverctlError('conflict', whose, `It was set up by somebody, or by another fault: tc qdisc show dev ${device}`)
}

interface Qdisc {
  readonly kind: string
  readonly handle: string
}

/** The devices of a namespace that lead out of it. */
async function outerDevices(place: Place, world: Pick<Host, 'tools'>): Promise<string[]> {
  const found = JSON.parse(await runThere(place, ['ip', '-j', 'link', 'show', 'up'], world)) as {
    ifname: string
    flags: string[]
  }[]
  return found.filter(({ flags }) => !flags.includes('LOOPBACK')).map(({ ifname }) => ifname)
}
