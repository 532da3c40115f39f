import { FailoverctlError } from '../../core/errors.ts'
import type { Address } from '../../core/host.ts'
import type { Tools } from '../../core/tools.ts'
import { inPlace, type Place, placeName } from './place.ts'

/** The traffic that a network fault meets: TCP between a place and one port. */
export interface Peer {
  readonly place: Place
  /** `remote`: the place is where senders are, and the port is elsewhere. `local`: the port is in the place. */
  readonly side: 'remote' | 'local'
  /** IPv4 and IPv6 addresses of whose port it is; none: every address. */
  readonly addresses: readonly string[]
  readonly port: number
}

export const isV6 = (address: string): boolean => address.includes(':')

/** The addresses of a name, as programs in the place see them. Throws `no-answer`. */
export async function addressesOf({ host }: Address, place: Place, { tools }: { readonly tools: Tools }): Promise<string[]> {
  const name = host === '' || host === '0.0.0.0' || host === '::' ? 'localhost' : host
  if (/^[\d.]+$/.test(name) || isV6(name)) return [name]
  const { out } = await tools.run(inPlace(place, ['getent', 'ahosts', name]))
  const found = [...new Set(out.split('\n').flatMap(line => line.split(/\s+/)[0] || []))]
  // What is called localhost is reached by either family, whatever the hosts file says.
  const all = name === 'localhost' ? [...new Set([...found, '127.0.0.1', '::1'])] : found
  if (all.length > 0) return all
  throw new FailoverctlError(
    'no-answer',
    `${name} has no address in ${placeName(place)}: there is nothing to cut off`,
    'Is the name known there? An address in place of it works, too.',
  )
}
