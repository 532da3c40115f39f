import schemas from '#schemas'
import { parseDuration } from '../core/duration.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Address, Files, Tls } from '../core/host.ts'
import type { BreakerSettings } from '../failover/breaker.ts'
import {
  endpoints as checkedEndpoints,
  type Endpoint,
  type EndpointSettings,
  endpoint,
  overHttp,
  parseEndpoint,
} from '../failover/endpoint.ts'
import type { Repeat } from '../failover/failure.ts'
import type { ManagerSettings } from '../failover/manager.ts'
import type { ProbeSettings } from '../failover/probes/probe.ts'
import { decodeText } from '../source/decode-text.ts'
import { readYaml } from '../source/read-yaml.ts'
import { schemaNotes } from '../source/schema.ts'
import { plain } from '../source/value.ts'
import { type Placed, placedIn } from './placed.ts'
import { readTls, type TlsFiles } from './tls.ts'
import { type ForwardedNames, type Trust, trustOf } from './trust.ts'

/** What stands in proxy.yaml, as schemas/proxy.schema.json allows it. */
export interface ProxyConfig {
  readonly admin: Address | undefined
  readonly drainMs: number
  readonly listeners: readonly ListenerConfig[]
}

export interface ListenerConfig {
  readonly name: string
  readonly listen: Address
  readonly protocol: 'http' | 'grpc'
  readonly endpoints: readonly EndpointSettings[]
  readonly discovery: readonly ProviderConfig[]
  readonly engine: ManagerSettings
  readonly probe: ProbeSettings | undefined
  /** Undefined: by method and path. */
  readonly repeat: Repeat | undefined
  readonly statuses: readonly number[] | undefined
  readonly keyHeader: string | undefined
  readonly regionHeader: string | undefined
  readonly heldBytes: number
  /** Of all requests at once. */
  readonly heldTotalBytes: number
  readonly maxBytes: number
  readonly maxRequests: number
  /** What the listener shows of itself, and asks of its clients; plain without. */
  readonly tls: Tls | undefined
  /** For endpoints with an https address. */
  readonly upstreamTls: Tls | undefined
  /** How endpoints are told who asked. */
  readonly forwarded: ForwardedNames
  readonly trust: Trust
}

export interface ProviderConfig {
  readonly file?: string
  readonly dns_srv?: { readonly name: string; readonly scheme?: 'http' | 'https'; readonly interval?: string }
  readonly consul?: {
    readonly address?: string
    readonly service: string
    readonly datacenter?: string
    readonly namespace?: string
    readonly token_env?: string
    readonly tag?: string
    readonly scheme?: 'http' | 'https'
    readonly wait?: string
  }
  readonly kubernetes?: {
    readonly service: string
    readonly namespace?: string
    readonly port?: string | number
    readonly scheme?: 'http' | 'https'
    readonly kubeconfig?: string
    readonly context?: string
    readonly through?: 'api' | 'kubectl'
  }
}

type Raw = Readonly<Record<string, unknown>>

/** The file and the certificates that it names. Throws `bad-proxy-file` with file, line and column, or what cannot be read. */
export async function loadProxyConfig(file: string, files: Pick<Files, 'read'>): Promise<ProxyConfig> {
  const { config, certificates } = parsed(file, decodeText(file, await files.read(file)))
  const listeners = config.listeners.map(async (listener, index) => {
    const named = certificates[index]
    const upstreamTls = await readTls(named?.upstream, file, files)
    const probe = listener.probe && { ...listener.probe, ...(upstreamTls ? { tls: upstreamTls } : {}) }
    return { ...listener, tls: await readTls(named?.own, file, files), upstreamTls, probe }
  })
  return { ...config, listeners: await Promise.all(listeners) }
}

/** Without certificates. Throws `bad-proxy-file`. */
export const readProxyConfig = (file: string, text: string): ProxyConfig => parsed(file, text).config

interface Certificates {
  readonly own: TlsFiles | undefined
  readonly upstream: TlsFiles | undefined
}

function parsed(file: string, text: string): { config: ProxyConfig; certificates: readonly Certificates[] } {
  const root = readYaml(file, text)
  const data = plain(root) as Raw
  if (!schemas.proxy(data)) {
    const [first] = root.kind === 'map' ? schemaNotes(root, schemas.proxy.errors ?? []) : []
    throw bad(
      first
        ? `${first.at.file}:${first.at.line}:${first.at.column}: ${withoutUser(first.message)}`
        : `${file}: expected a map of settings`,
    )
  }
  const placed = placedIn(root)
  const listeners = (data.listeners as Raw[]).map((raw, index) =>
    readListener(raw, (path, read) => placed(['listeners', index, ...path], read)),
  )
  for (const [index, listener] of listeners.entries()) {
    placed(['listeners', index], () => checkTwice(listener, listeners.slice(0, index)))
  }
  for (const [index, { endpoints, discovery }] of (data.listeners as Raw[]).entries()) {
    // An empty list was meant; no list at all was forgotten.
    if (endpoints !== undefined || discovery !== undefined) continue
    placed(['listeners', index], () => {
      throw bad(`${listeners[index]?.name} has nowhere to send to`, 'Give it endpoints, or discovery that finds them.')
    })
  }
  const certificates = (data.listeners as Raw[]).map(raw => ({
    own: raw.tls as TlsFiles | undefined,
    upstream: raw.upstream_tls as TlsFiles | undefined,
  }))
  const admin = typeof data.admin === 'string' ? placed(['admin'], () => addressOf(data.admin as string)) : undefined
  return { config: { admin, drainMs: ms(data.drain) ?? 10_000, listeners }, certificates }
}

/** At a start the second one finds its port in use; at a reload it would take the first one's place without a word. */
function checkTwice({ name, listen: { host, port } }: ListenerConfig, before: readonly ListenerConfig[]): void {
  if (before.some(other => other.name === name)) {
    throw bad(`two listeners have the name ${name}`, 'Give each a name of its own.')
  }
  if (port !== 0 && before.some(({ listen }) => listen.host === host && listen.port === port)) {
    throw bad(`two listeners have the address ${host}:${port}`, 'Give each a port of its own.')
  }
}

function readListener(raw: Raw, placed: Placed): ListenerConfig {
  const limits = (raw.limits ?? {}) as Readonly<Record<string, number>>
  const told = (raw.forwarded ?? {}) as Raw
  const { statuses, ...retry } = (raw.retry ?? {}) as Raw
  const checks = raw.checks as Raw | undefined
  return {
    name: (raw.name ?? raw.listen) as string,
    listen: placed(['listen'], () => addressOf(raw.listen as string)),
    protocol: (raw.protocol ?? 'http') as ListenerConfig['protocol'],
    endpoints: readEndpoints((raw.endpoints ?? []) as (string | EndpointSettings)[], placed),
    discovery: (raw.discovery ?? []) as ProviderConfig[],
    engine: engineOf(raw, retry, checks),
    // An OTLP check speaks what the endpoints are sent.
    probe:
      checks && ({ ...pick(checks, ['kind', 'path', 'port']), protocol: raw.protocol ?? 'http' } as unknown as ProbeSettings),
    repeat: raw.repeat as Repeat | undefined,
    statuses: statuses as readonly number[] | undefined,
    keyHeader: (raw.key_header as string | undefined)?.toLowerCase(),
    regionHeader: (raw.region_header as string | undefined)?.toLowerCase(),
    heldBytes: limits.held_body ?? 1024 * 1024,
    heldTotalBytes: limits.held_total ?? 256 * 1024 * 1024,
    maxBytes: limits.body ?? 64 * 1024 * 1024,
    maxRequests: limits.requests ?? 1000,
    tls: undefined,
    upstreamTls: undefined,
    forwarded: (told.headers ?? 'x-forwarded') as ForwardedNames,
    trust: readTrust((told.trust ?? []) as string[], placed),
  }
}

function readEndpoints(given: readonly (string | EndpointSettings)[], placed: Placed): Endpoint[] {
  const made = given.map((one, index) =>
    placed(['endpoints', index], () => (typeof one === 'string' ? parseEndpoint(one) : overHttp(endpoint(one)))),
  )
  const again = made.findIndex(({ id }, index) => made.findIndex(other => other.id === id) !== index)
  return placed(['endpoints', Math.max(0, again)], () => checkedEndpoints(made))
}

function readTrust(networks: readonly string[], placed: Placed): Trust {
  for (const [index, network] of networks.entries()) placed(['forwarded', 'trust', index], () => trustOf([network]))
  return trustOf(networks)
}

function engineOf(raw: Raw, retry: Raw, checks: Raw | undefined): ManagerSettings {
  const { breaker, budget } = raw
  return defined({
    strategy: raw.strategy,
    strategySettings: defined(pick(raw, ['region', 'zone', 'regions'])),
    breaker: breaker === false ? false : (engineNames(breaker) as Partial<BreakerSettings>),
    retry: engineNames(retry),
    budget: engineNames(budget),
    health: checks && engineNames(pick(checks, ['rise', 'fall', 'slow'])),
    checks: checks && engineNames(pick(checks, ['interval', 'timeout'])),
    failBackMs: ms(raw.fail_back),
    panic: raw.panic,
    timeoutMs: ms(raw.timeout),
    attemptTimeoutMs: ms(raw.attempt_timeout),
    patienceMs: ms(raw.patience),
  }) as ManagerSettings
}

const DURATIONS = new Set(['window', 'open', 'max_open', 'base', 'max', 'interval', 'timeout', 'slow'])

/** `max_open: 60s` in the file is `maxOpenMs: 60000` in the engine. */
const engineNames = (raw: unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries((raw ?? {}) as Raw).map(([name, value]) => {
      const own = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
      return DURATIONS.has(name) ? [`${own}Ms`, ms(value)] : [own, value]
    }),
  )

const defined = (raw: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined))

const pick = (raw: Raw, names: readonly string[]) =>
  Object.fromEntries(names.filter(name => name in raw).map(name => [name, raw[name]]))

export const ms = (text: unknown): number | undefined => (typeof text === 'string' ? parseDuration(text) : undefined)

function addressOf(text: string): Address {
  const at = text.lastIndexOf(':')
  const port = Number(text.slice(at + 1))
  if (port > 65_535) throw bad(`${text} has no port: they end at 65535`)
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port }
}

/** An address that will not do is shown, and may hold a password. */
const withoutUser = (text: string) => text.replace(/\/\/[^/@\s]*@/g, '//')

const bad = (message: string, hint = 'schemas/proxy.schema.json says what a proxy file may hold.') =>
  new FailoverctlError('bad-proxy-file', message, hint)
