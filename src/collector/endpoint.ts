import type { Address } from '../core/host.ts'

export interface Endpoint extends Address {
  readonly scheme: 'http' | 'https'
  readonly path: string
}

/**
 * `host:port`, `https://host:port/path`, `dns:///host:port`, `[::1]:4317`, `:4317` as the collector's
 * confighttp and configgrpc read them; undefined when there is no host and port in it.
 */
export function parseEndpoint(text: string, defaultPort?: number): Endpoint | undefined {
  const [, scheme = '', rest = ''] = /^(?:([a-z]+):\/\/\/?)?(.*)$/i.exec(text.trim()) ?? []
  const [, host, port, path] = /^(\[[^\]]*\]|[^:/[\]]*)(?::(\d{1,5}))?(\/.*)?$/.exec(rest) ?? []
  if (host === undefined || (host === '' && port === undefined)) return undefined
  const number =
    port === undefined ? (defaultPort ?? (scheme === 'https' ? 443 : scheme === 'http' ? 80 : undefined)) : Number(port)
  if (number === undefined || number > 65_535) return undefined
  return { scheme: scheme === 'https' ? 'https' : 'http', host: host.replace(/^\[|\]$/g, ''), port: number, path: path ?? '' }
}
