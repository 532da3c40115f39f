import type { Host } from '../core/host.ts'
import { consulProvider } from '../failover/discovery/consul.ts'
import { dnsSrvProvider } from '../failover/discovery/dns-srv.ts'
import { fileProvider } from '../failover/discovery/file.ts'
import { kubernetesProvider } from '../failover/discovery/kubernetes.ts'
import type { Provider, Report } from '../failover/discovery.ts'
import { type EndpointSettings, endpoint, overHttp } from '../failover/endpoint.ts'
import { ms, type ProviderConfig } from './config.ts'

/** The provider that an entry of `discovery` names. */
export function providerOf(config: ProviderConfig, host: Host): Provider {
  const { name, run } = named(config, host)
  // An address that no client can ask fails here, with all that was found beside it: later it would fail each request.
  const found = (report: Report) => (all: readonly EndpointSettings[]) => report.found(all.map(one => overHttp(endpoint(one))))
  return { name, run: (report, signal) => run({ failed: report.failed, found: found(report) }, signal) }
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
