import type { Allowed, BackendProcess, ProcessSettings } from '../chaos/targets/process-settings.ts'
import { parseEndpoint } from '../collector/endpoint.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Address, Host } from '../core/host.ts'
import { type DescribedBackend, type ProcessSection, readProject } from './project.ts'

/** What the project file says of processes. Throws `wrong-use` where it says nothing. */
export async function processSettings(project: string | undefined, allowed: Allowed, host: Host): Promise<ProcessSettings> {
  const { process: section } = (await readProject(project, host)) as { readonly process?: ProcessSection }
  if (!section) {
    const hint = 'Describe the collectors under `process` in failoverctl.yaml; docs/chaos.md has an example.'
    throw new FailoverctlError('wrong-use', 'the project file describes no processes', hint)
  }
  const { traffic, metrics, netns, collector, backends } = section
  return {
    traffic: checkedUrl(traffic, 'traffic'),
    metrics: checkedUrl(metrics, 'metrics'),
    netns,
    collector: collector && { ...collector, pidFile: collector['pid-file'] },
    backends: Object.fromEntries(Object.entries(backends).map(([name, backend]) => [name, asBackend(name, backend)])),
    allowed,
  }
}

function asBackend(name: string, { 'pid-file': pidFile, proxy, ...rest }: DescribedBackend): BackendProcess {
  const witnesses = [rest.arrivals, rest.sink, rest.metrics].filter(witness => witness !== undefined)
  if (witnesses.length !== 1) {
    throw new FailoverctlError(
      'wrong-use',
      `process.backends.${name} has ${witnesses.length === 0 ? 'no witness' : 'several witnesses'} of what arrives there`,
      'It is one of arrivals (what its file exporter writes), sink (the metrics of a failoverctl sink), metrics (its own).',
    )
  }
  for (const key of ['sink', 'metrics'] as const) if (rest[key] !== undefined) checkedUrl(rest[key], `backends.${name}.${key}`)
  if (!proxy) return { ...rest, pidFile, proxy: undefined }
  const [listen, upstream] = [addressOf(proxy.listen, name, 'listen'), addressOf(proxy.upstream, name, 'upstream')]
  if (listen.host === upstream.host && listen.port === upstream.port) {
    const hint = 'The collector sends to `listen`, and the proxy to `upstream`, where the backend listens.'
    throw new FailoverctlError('wrong-use', `process.backends.${name}.proxy listens where it sends to`, hint)
  }
  return { ...rest, pidFile, proxy: { listen, upstream } }
}

function addressOf(text: string, name: string, key: string): Address {
  const found = parseEndpoint(text)
  if (found && found.port > 0) return { host: found.host || '127.0.0.1', port: found.port }
  throw new FailoverctlError(
    'wrong-use',
    `process.backends.${name}.proxy.${key} is no address with a port: ${text}`,
    'Example: 127.0.0.1:14317',
  )
}

function checkedUrl(text: string, key: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text
  throw new FailoverctlError('wrong-use', `process.${key} is no address: ${text}`, 'Example: http://127.0.0.1:4318')
}
