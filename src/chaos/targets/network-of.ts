import { FailoverctlError } from '../../core/errors.ts'
import type { Address, Host } from '../../core/host.ts'
import { networkAbilities } from '../network/abilities.ts'
import { cannotDo, type NetworkDeed, type NetworkSettings } from '../network/network-fault.ts'
import { inPlace, type Place } from '../network/place.ts'
import type { Allowed, BackendProcess, ProcessSettings } from './process-settings.ts'

/** Where and how the packets of one backend can be dropped, and what stands against it. */
export interface BackendNetwork {
  readonly settings: NetworkSettings | undefined
  readonly cannot: Partial<Record<NetworkDeed, string>>
}

const ALL = (why: string): BackendNetwork['cannot'] => ({ partition: why, latency: why, loss: why })

/** Changes nothing. `pid` is of the backend's process. Throws where a namespace that the settings name is not there. */
export async function networkOf(
  { netns: collectors, traffic, metrics, allowed }: ProcessSettings,
  { netns: own }: BackendProcess,
  to: Address | undefined,
  pid: number,
  run: string,
  host: Host,
): Promise<BackendNetwork> {
  const place = placeOf(own ?? collectors)
  const cannot = cannotDo(await networkAbilities(place, host))
  if (!to || to.port === 0) return { settings: undefined, cannot: ALL('its exporter has no endpoint that can be read') }
  const settings: NetworkSettings = { place, side: own ? 'local' : 'remote', to, mark: `failoverctl:${run}` }
  const other = await portOfOther(settings, placeOf(own), pid, host)
  if (other) return { settings: undefined, cannot: ALL(other) }
  const cut = cutsOwnWay(settings, [traffic, metrics], allowed)
  return { settings, cannot: { ...(cut && { partition: cut, loss: cut }), ...cannot } }
}

export const placeOf = (netns: string | undefined): Place =>
  netns === undefined ? { in: 'host' } : { in: 'namespace', name: netns }

/** Somebody else's port is not for us to cut off. Where it cannot be told whose it is, nothing is said. */
async function portOfOther({ to }: NetworkSettings, at: Place, pid: number, { tools }: Host): Promise<string | undefined> {
  try {
    const { out } = await tools.run(inPlace(at, ['ss', '-Hltnp', `sport = :${to.port}`]))
    const holders = [...out.matchAll(/\("([^"]*)",pid=(\d+)/g)].map(([, name, holder]) => ({ name, pid: Number(holder) }))
    const [first] = holders
    if (!first || holders.some(holder => holder.pid === pid)) return undefined
    return `port ${to.port} belongs to ${first.name} (process ${first.pid}), not to its process ${pid}`
  } catch (error) {
    if (error instanceof FailoverctlError && error.code === 'no-such-tool') return undefined
    throw error
  }
}

/** The rules hold for every program in their place: also for this one, where it is there. */
function cutsOwnWay(
  { place, side, to }: NetworkSettings,
  urls: readonly string[],
  allowed: Allowed | undefined,
): string | undefined {
  if (allowed?.ownWay || (place.in !== 'host' && side === 'remote')) return undefined
  const index = urls.findIndex(text => {
    const url = new URL(text)
    return portOf(url) === to.port && (side === 'local' || isSame(url.hostname, to.host))
  })
  if (index < 0) return undefined
  const what = `${new URL(urls[index] as string).host}, by which it ${index === 0 ? 'sends' : 'watches'}`
  return `it would cut failoverctl off from ${what}; --allow-own-way does it all the same`
}

const portOf = ({ port, protocol }: URL): number => Number(port) || (protocol === 'https:' ? 443 : 80)

const LOOPBACK = /^(?:localhost|127\.[\d.]+|\[?::1\]?)$/
const isSame = (one: string, other: string): boolean => one === other || (LOOPBACK.test(one) && LOOPBACK.test(other))
