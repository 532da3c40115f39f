import { FailoverctlError } from '../core/errors.ts'
import { readYaml } from '../source/read-yaml.ts'
import { lookup, plain, type Value } from '../source/value.ts'
import type { Ports } from './source.ts'
import type { Watched } from './watched.ts'

/**
 * The collectors of a Compose file: every service that publishes the metrics port, or shares the network of the host and
 * exposes it. Their addresses are those of this machine. Throws `not-a-config` where there is none.
 */
export function collectorsInCompose(file: string, text: string, ports: Ports): Watched[] {
  const root = readYaml(file, text)
  const services = lookup(root, 'services')
  if (services?.kind !== 'map')
    throw new FailoverctlError(
      'not-a-config',
      `${file}:1: no \`services\`: it is no Compose file`,
      'Name the file of docker compose.',
    )
  const found = [...services.entries.values()].flatMap(({ key, value }) => {
    const metrics = addressOf(value, ports.metrics)
    if (!metrics) return []
    const health = addressOf(value, ports.health)
    return [{ name: key, metricsUrl: `http://${metrics}/metrics`, healthUrl: health && `http://${health}/` }]
  })
  if (found.length > 0) return found
  throw new FailoverctlError(
    'not-a-config',
    `${file}: no service publishes port ${ports.metrics}, the metrics of a collector`,
    `Add \`ports: ["127.0.0.1:${ports.metrics}:${ports.metrics}"]\` to the collector, and serve them at host 0.0.0.0; or use --collector.`,
  )
}

function addressOf(service: Value, port: number): string | undefined {
  const published = lookup(service, 'ports')
  const entries = published?.kind === 'list' ? published.items.map(plain) : []
  const address = entries.map(entry => publishedAt(entry, port)).find(found => found !== undefined)
  if (address) return address
  if (plainText(lookup(service, 'network_mode')) !== 'host') return undefined
  const exposed = lookup(service, 'expose')
  const isExposed = exposed?.kind === 'list' && exposed.items.some(item => plainText(item) === String(port))
  return isExposed ? `127.0.0.1:${port}` : undefined
}

const plainText = (value: Value | undefined): string | undefined =>
  value?.kind === 'scalar' && value.value !== null ? String(value.value) : undefined

/** `8888:8888`, `127.0.0.1:18888:8888/tcp`, or the long form; a port that Docker chooses is not known here. */
function publishedAt(entry: unknown, port: number): string | undefined {
  if (typeof entry === 'object' && entry !== null) {
    const { target, published, host_ip } = entry as Record<string, unknown>
    return Number(target) === port && published !== undefined ? `${reachable(String(host_ip ?? ''))}:${published}` : undefined
  }
  const [, host = '', published, target] = /^(?:(.*):)?(\d+):(\d+)(?:\/tcp)?$/.exec(String(entry)) ?? []
  return published !== undefined && Number(target) === port ? `${reachable(host)}:${published}` : undefined
}

const reachable = (host: string): string => (host === '' || host === '0.0.0.0' || host === '[::]' ? '127.0.0.1' : host)
