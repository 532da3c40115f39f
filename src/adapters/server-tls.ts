import { createSecureContext } from 'node:tls'
import { FailoverctlError } from '../core/errors.ts'
import type { Tls } from '../core/host.ts'
import { checkTls } from './client-tls.ts'

/** Settings for a server of Node. Throws `cannot-listen` when the certificates cannot be used. */
export const secured = (tls: Tls) => {
  usable(tls)
  const { ca, cert, key } = tls
  return { cert, key, ...(ca === undefined ? {} : { ca, requestCert: true }) }
}

/** Throws `cannot-listen` with what OpenSSL has against the certificates: a server would only fail at each handshake. */
export function usable(tls: Tls): void {
  try {
    checkTls(tls)
    if (tls.cert === undefined || tls.key === undefined) throw new Error('a server needs a certificate and its key')
    createSecureContext({ cert: tls.cert, key: tls.key })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new FailoverctlError('cannot-listen', `the certificates to listen with cannot be used: ${why}`, undefined, error)
  }
}
