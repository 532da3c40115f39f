import type { Host } from '../core/host.ts'
import { consulProvider } from '../failover/discovery/consul.ts'
import { dnsSrvProvider } from '../failover/discovery/dns-srv.ts'
import { fileProvider } from '../failover/discovery/file.ts'
import { kubernetesProvider } from '../failover/discovery/kubernetes.ts'
import type { Provider } from '../failover/discovery.ts'
import { type EndpointSettings, endpoints, overHttp } from '../failover/endpoint.ts'
import { ms, type ProviderConfig } from './config.ts'

/** What was found last, by what was asked for. */
export type LastFound = Map<string, readonly EndpointSettings[]>

/**
 * The provider that an entry of `discovery` names. It begins with what was found last: an engine that takes another one's place has its
 * endpoints at once, also while the registry cannot be asked.
 */
export function providerOf(config: ProviderConfig, host: Host, last: LastFound = new Map()): Provider {
  const { name, run } = named(config, host)
  const key = JSON.stringify(config)
  return {
    name,
    run(report, signal) {
      const before = last.get(key)
      if (before) report.found(before)
      const found = (all: readonly EndpointSettings[]) => {
        // An address that no client can ask fails here, with all that was found beside it: later it would fail each request.
        const usable = endpoints(all).map(overHttp)
        last.set(key, usable)
        report.found(usable)
      }
      return run({ failed: report.failed, found }, signal)
    },
  }
}

function named({ file, dns_srv: dns, consul, kubernetes }: ProviderConfig, host: Host): Provider {
  if (file !== undefined) return fileProvider(file, host)
  if (dns) {
    const intervalMs = ms(dns.interval)
    return dnsSrvProvider({ ...dns, ...(intervalMs === undefined ? {} : { intervalMs }) }, host)
  }
  if (consul) {
    const { token_env: variable = 'CONSUL_HTTP_TOKEN', wait, ...settings } = consul
    const token = host.env[variable]
    const waitMs = ms(wait)
    const given = { address: 'http://localhost:8500', ...settings }
    return consulProvider({ ...given, ...(token ? { token } : {}), ...(waitMs === undefined ? {} : { waitMs }) }, host)
  }
  // The schema asks for exactly one of them.
  return kubernetesProvider(kubernetes as NonNullable<typeof kubernetes>, host)
}
