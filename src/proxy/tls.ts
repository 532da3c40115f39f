import type { Files, Tls } from '../core/host.ts'
import { decodeText } from '../source/decode-text.ts'

/** Certificates as proxy.yaml names them, in the words of a collector's configtls: PEM files, seen from the folder of proxy.yaml. */
export interface TlsFiles {
  readonly cert_file?: string
  readonly key_file?: string
  /** Of a listener: every client must show a certificate of this authority. */
  readonly client_ca_file?: string
  /** Of endpoints: the authority to trust. */
  readonly ca_file?: string
  readonly server_name_override?: string
  readonly insecure_skip_verify?: boolean
}

/** What stands in the files. Throws when one cannot be read. */
export async function readTls(
  given: TlsFiles | undefined,
  proxyFile: string,
  files: Pick<Files, 'read'>,
): Promise<Tls | undefined> {
  if (!given) return undefined
  const text = async (path: string) => {
    const beside = path.startsWith('/') ? path : `${proxyFile.replace(/[^/]*$/, '')}${path}`
    return decodeText(beside, await files.read(beside))
  }
  const ca = given.client_ca_file ?? given.ca_file
  return {
    ...(ca === undefined ? {} : { ca: await text(ca) }),
    ...(given.cert_file === undefined ? {} : { cert: await text(given.cert_file) }),
    ...(given.key_file === undefined ? {} : { key: await text(given.key_file) }),
    ...(given.server_name_override === undefined ? {} : { serverName: given.server_name_override }),
    verify: given.insecure_skip_verify !== true,
  }
}
