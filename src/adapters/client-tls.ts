import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { Tls } from '../core/host.ts'

/**
 * Throws what OpenSSL has against the files. Asked before the first connection, so that files that cannot be used are told
 * apart from a server that cannot be reached; an authority that is none would only show as an unknown one.
 */
export function checkTls({ ca, cert, key }: Tls): void {
  if (ca) new X509Certificate(ca)
  createSecureContext({ ...(cert ? { cert } : {}), ...(key ? { key } : {}) })
}

const keys = new WeakMap<Tls, string>()

/** The same for the same certificates; connections are kept by it. */
export function tlsKey(tls: Tls | undefined): string {
  if (!tls) return ''
  const key = keys.get(tls) ?? JSON.stringify(tls)
  keys.set(tls, key)
  return key
}
