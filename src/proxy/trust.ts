import ipaddr from 'ipaddr.js'
import { FailoverctlError } from '../core/errors.ts'

/** How an endpoint is told who asked: x-forwarded-for, -host and -proto; forwarded; or not at all. */
export type ForwardedNames = 'x-forwarded' | 'rfc7239' | 'none'

/** Whether what a peer says about those before it is believed. */
export type Trust = (peer: string) => boolean

/** By networks such as `10.0.0.0/8` and single addresses. Throws `bad-proxy-file`. */
export function trustOf(networks: readonly string[]): Trust {
  if (networks.length === 0) return () => false
  const ranges = networks.map(rangeOf)
  return peer => {
    if (!ipaddr.isValid(peer)) return false
    const address = unmapped(ipaddr.parse(peer))
    return ranges.some(([base, bits]) => address.kind() === base.kind() && address.match(base, bits))
  }
}

/** An IPv4 client of a socket for both comes as ::ffff:10.0.0.1. */
const unmapped = (address: ipaddr.IPv4 | ipaddr.IPv6) =>
  address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address

type Range = readonly [base: ipaddr.IPv4 | ipaddr.IPv6, bits: number]

function rangeOf(text: string): Range {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text)
  if (ipaddr.isValid(text) && !/^\d+$/.test(text)) {
    const address = ipaddr.parse(text)
    return [address, address.kind() === 'ipv4' ? 32 : 128]
  }
  throw new FailoverctlError(
    'bad-proxy-file',
    `${text} is neither an address nor a network`,
    'forwarded.trust is a list such as [10.0.0.0/8, "::1"].',
  )
}
