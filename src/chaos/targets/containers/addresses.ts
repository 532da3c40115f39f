import type { Address } from '../../../core/host.ts'
import type { Container } from '../../../platforms/container.ts'

/** Where a port of a container is reached from this machine; undefined: from the container's own network alone. */
export function addressFromHere(container: Container, port: number, isLocal: boolean): Address | undefined {
  if (container.networkMode === 'host') return { host: LOOPBACK, port }
  const bindings = container.published.filter(published => published.port === port)
  const binding = bindings.find(({ hostIp }) => !hostIp.includes(':')) ?? bindings[0]
  if (binding) return { host: reachable(binding.hostIp), port: binding.hostPort }
  // A bridge of this machine leads to it even where no port is published.
  const address = isLocal ? container.networks.find(network => network.address !== '')?.address : undefined
  return address === undefined ? undefined : { host: address, port }
}

/** What an exporter's `host:port` may mean, seen from the collector's container. */
export interface Seen {
  readonly from: Container | undefined
  readonly to: Address
}

/** Whether a container is what an address means. `listens`: the ports that it is known to listen on. */
export function isMeant({ from, to }: Seen, container: Container, listens: ReadonlySet<number>): boolean {
  if (namesOf(container).has(to.host)) return true
  const host = mapped(to.host, from?.extraHosts ?? [])
  if (!isThisMachine(host)) return false
  // What `localhost` means is a matter of the network in which it is said.
  if (sharesNetwork(from, container)) return listens.has(to.port)
  const isOfHost = from === undefined || from.networkMode === 'host' || host !== to.host || isHostName(to.host)
  return isOfHost && container.published.some(({ hostPort }) => hostPort === to.port)
}

/** All that a container is called by others in its networks. */
export function namesOf({ name, labels, hostname, networks, networkMode }: Container): Set<string> {
  const service = labels[SERVICE_LABEL]
  const addresses = networks.map(({ address }) => address)
  // In the network of the host, the hostname is that of the host.
  const own = networkMode === 'host' ? [] : [hostname]
  const names = [name, service ?? '', ...own, ...addresses, ...networks.flatMap(({ aliases }) => aliases)]
  return new Set(names.filter(text => text !== ''))
}

export const SERVICE_LABEL = 'com.docker.compose.service'

const LOOPBACK = '127.0.0.1'
const HOST_NAMES = ['host.docker.internal', 'host.containers.internal', 'gateway.docker.internal']

const isHostName = (host: string): boolean => HOST_NAMES.includes(host)
const isThisMachine = (host: string): boolean =>
  isHostName(host) || ['', 'localhost', '0.0.0.0', '::', '::1'].includes(host) || /^127\.\d+\.\d+\.\d+$/.test(host)

/** `extra_hosts` of the one who asks: `primary:127.0.0.1`, `docker:host-gateway`. */
function mapped(host: string, extraHosts: readonly string[]): string {
  const entry = extraHosts.find(text => text.startsWith(`${host}:`) || text.startsWith(`${host}=`))
  const address = entry?.slice(host.length + 1).replace(/^\[|\]$/g, '')
  return address === 'host-gateway' ? 'host.docker.internal' : (address ?? host)
}

function sharesNetwork(from: Container | undefined, container: Container): boolean {
  if (from === undefined) return container.networkMode === 'host'
  if (from.networkMode === 'host') return container.networkMode === 'host'
  return container.networkMode === `container:${from.id}` || from.networkMode === `container:${container.id}`
}

const reachable = (hostIp: string): string => (hostIp === '' || hostIp === '0.0.0.0' || hostIp === '::' ? LOOPBACK : hostIp)
