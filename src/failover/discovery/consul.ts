import { type Clock, sleep } from '../../core/clock.ts'
import type { HttpReply, Network, Tls } from '../../core/host.ts'
import type { Random } from '../../core/random.ts'
import { retryAfterMs } from '../../otlp/reply.ts'
import type { Provider } from '../discovery.ts'
import type { EndpointSettings } from '../endpoint.ts'
import { AskFailed, keepAsking } from './keep-asking.ts'

export interface ConsulSettings {
  /** `http://localhost:8500`. */
  readonly address: string
  readonly service: string
  readonly datacenter?: string
  readonly namespace?: string
  /** ACL token; a secret. */
  readonly token?: string
  readonly tls?: Tls
  readonly scheme?: 'http' | 'https'
  /** Only instances with this tag. */
  readonly tag?: string
  /** How long Consul holds a question until something changes; 55 s. */
  readonly waitMs?: number
}

export interface ConsulRegistration {
  readonly id: string
  readonly address: string
  readonly port: number
  readonly tags?: readonly string[]
  readonly meta?: Readonly<Record<string, string>>
  /** Consul itself asks this address again and again. */
  readonly check?: { readonly http: string; readonly interval: string; readonly timeout?: string }
}

interface World {
  readonly clock: Clock
  readonly random: Random
  readonly network: Pick<Network, 'request'>
}

export interface ConsulProvider extends Provider {
  register(registration: ConsulRegistration): Promise<void>
  deregister(id: string): Promise<void>
}

/** Consul is not asked more often than this, whatever it answers. */
const LEAST_MS = 100

/**
 * The instances of a service with their health, by blocking queries (developer.hashicorp.com/consul/api-docs/features/blocking):
 * a question with the index of the last answer is held until there is a newer one.
 */
export function consulProvider(settings: ConsulSettings, { clock, random, network }: World): ConsulProvider {
  const { service, waitMs = 55_000 } = settings
  const call = async (method: 'GET' | 'PUT', path: string, timeoutMs: number, body?: unknown, signal?: AbortSignal) =>
    answered(
      await network.request({
        method,
        url: urlOf(settings, path),
        headers: { ...(settings.token ? { 'x-consul-token': settings.token } : {}), 'content-type': 'application/json' },
        timeoutMs,
        ...(body === undefined ? {} : { body: new TextEncoder().encode(JSON.stringify(body)) }),
        ...(settings.tls ? { tls: settings.tls } : {}),
        ...(signal ? { signal } : {}),
      }),
      clock.epochMs(),
    )
  return {
    name: `consul:${service}`,
    run(report, signal) {
      let index = 0
      const ask = async () => {
        // Consul adds up to a sixteenth of the wait, so that not all questions come back at once.
        const held = index > 0 ? `&index=${index}&wait=${Math.ceil(waitMs)}ms` : ''
        const path = `/v1/health/service/${encodeURIComponent(service)}?${held}`
        const { headers, body } = await call('GET', path, index > 0 ? waitMs * 1.1 + 10_000 : 10_000, undefined, signal)
        report.found(instancesOf(body).map(instance => endpointOf(instance, settings)))
        index = nextIndex(index, headers['x-consul-index'])
        await sleep(clock, LEAST_MS, signal)
      }
      return keepAsking(
        async () =>
          ask().catch(error => {
            // After a restart its indexes may start anew.
            index = 0
            throw error
          }),
        report,
        { clock, random },
        signal,
      )
    },
    async register({ id, address, port, tags = [], meta = {}, check }) {
      const asked = check && { HTTP: check.http, Interval: check.interval, Timeout: check.timeout }
      const body = {
        ID: id,
        Name: service,
        Address: address,
        Port: port,
        Tags: tags,
        Meta: meta,
        ...(asked ? { Check: asked } : {}),
      }
      await call('PUT', '/v1/agent/service/register', 10_000, body)
    },
    async deregister(id) {
      await call('PUT', `/v1/agent/service/deregister/${encodeURIComponent(id)}`, 10_000)
    },
  }
}

function urlOf({ address, datacenter, namespace, tag }: ConsulSettings, path: string): string {
  const url = new URL(path, address)
  if (datacenter) url.searchParams.set('dc', datacenter)
  if (namespace) url.searchParams.set('ns', namespace)
  if (tag && path.startsWith('/v1/health/')) url.searchParams.set('filter', `"${tag.replace(/["\\]/g, '\\$&')}" in Service.Tags`)
  return url.href
}

/** Its documentation: start anew when the index goes back, and never ask with one below 1. */
function nextIndex(before: number, header: string | undefined): number {
  const index = Number(header)
  if (!Number.isSafeInteger(index)) return 0
  return index < before ? 0 : Math.max(1, index)
}

function answered(reply: HttpReply, epochMs: number) {
  if (reply.kind !== 'answer') throw new AskFailed(`Consul: ${reply.reason}`)
  const { status, headers } = reply
  if (status < 300) return reply
  if (status === 403) throw new AskFailed('Consul: the ACL token does not allow this (status 403)')
  throw new AskFailed(`Consul: HTTP status ${status}`, retryAfterMs(headers['retry-after'], epochMs))
}

/** What is read of an answer of /v1/health/service. */
interface Instance {
  readonly Node: { readonly Node: string; readonly Address: string; readonly Datacenter?: string }
  readonly Service: {
    readonly ID: string
    readonly Address?: string
    readonly Port: number
    readonly Tags?: readonly string[] | null
    readonly Meta?: Readonly<Record<string, string>> | null
    readonly Weights?: { readonly Passing: number; readonly Warning: number }
  }
  readonly Checks: readonly { readonly Status: string }[]
}

function instancesOf(body: Uint8Array): Instance[] {
  try {
    const data = JSON.parse(new TextDecoder().decode(body)) as Instance[]
    if (Array.isArray(data) && data.every(({ Node, Service, Checks }) => Node && Service && Array.isArray(Checks))) return data
  } catch {
    // Told below: it makes no difference how it is wrong.
  }
  throw new AskFailed('Consul: the answer is no list of instances')
}

function endpointOf({ Node, Service, Checks }: Instance, { service, scheme = 'http' }: ConsulSettings): EndpointSettings {
  const has = (status: string) => Checks.some(({ Status }) => Status === status)
  const health = has('critical') ? 'unhealthy' : has('warning') ? 'degraded' : 'healthy'
  const { priority, region = Node.Datacenter, zone } = Service.Meta ?? {}
  const host = Service.Address || Node.Address
  const weights = Service.Weights ?? { Passing: 1, Warning: 1 }
  return {
    // An id is unique only on its node.
    id: `${Node.Node}/${Service.ID}`,
    url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${Service.Port}`,
    name: service,
    weight: health === 'degraded' ? weights.Warning : weights.Passing,
    tags: Service.Tags ?? [],
    health,
    ...(priority === undefined ? {} : { priority: Number(priority) }),
    ...(region === undefined ? {} : { region }),
    ...(zone === undefined ? {} : { zone }),
  }
}
