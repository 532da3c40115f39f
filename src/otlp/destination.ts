import { FailoverctlError } from '../core/errors.ts'
import type { Files, Tls } from '../core/host.ts'
import { asFlag, OtlpSettings, oneOf } from './settings.ts'
import { SIGNALS, type Signal } from './signal.ts'

export const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const
export type Protocol = (typeof PROTOCOLS)[number]

export const COMPRESSIONS = ['none', 'gzip', 'zstd'] as const
export type Compression = (typeof COMPRESSIONS)[number]

/** Where requests of one signal go. Headers and keys are secrets: they are never shown. */
export interface Destination {
  readonly protocol: Protocol
  /** With the signal's path over HTTP; over gRPC the origin. `https` is TLS. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly compression: Compression
  readonly tls?: Tls
}

/** What flags say; each beats the variable of the same meaning. */
export interface DestinationFlags {
  /** Base address, as OTEL_EXPORTER_OTLP_ENDPOINT; over HTTP the signal's path is added. */
  readonly endpoint?: string | undefined
  readonly protocol?: Protocol | undefined
  /** `name=value` each; they are added to those of the environment. */
  readonly headers: readonly string[]
  /** A file with a line of `name=value` for each, read once. Those of `headers` come before them. */
  readonly headersFile?: string | undefined
  readonly timeoutMs?: number | undefined
  readonly compression?: Compression | undefined
  /** Paths of PEM files: the authority to trust, and what the client shows of itself. */
  readonly certificate?: string | undefined
  readonly clientCertificate?: string | undefined
  readonly clientKey?: string | undefined
  /** gRPC to an endpoint without a scheme: no TLS. */
  readonly insecure?: boolean | undefined
  /** TLS that takes any certificate. */
  readonly insecureSkipVerify?: boolean | undefined
  readonly serverName?: string | undefined
}

interface World {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly files: Pick<Files, 'read'>
}

/**
 * Flags, then the environment of the OpenTelemetry specification (each variable in its general form and in the one of the
 * signal), then its defaults: http/protobuf to localhost:4318, gRPC to localhost:4317, 10 s. Throws `wrong-use`, which names the
 * flag or variable and never shows a value that may be secret, or says which certificate cannot be read.
 */
export async function destinationOf(signal: Signal, flags: DestinationFlags, { env, files }: World): Promise<Destination> {
  const settings = new OtlpSettings(env, signal)
  const protocol = flags.protocol ?? oneOf(settings.get('PROTOCOL'), PROTOCOLS) ?? 'http/protobuf'
  const compression = flags.compression ?? oneOf(settings.get('COMPRESSION'), COMPRESSIONS) ?? 'none'
  if (protocol === 'grpc' && compression === 'zstd') {
    throw new FailoverctlError('wrong-use', 'zstd is not available over gRPC', 'Use gzip, or one of the http protocols.')
  }
  const { url, authorization } = withoutPassword(
    protocol === 'grpc' ? grpcUrl(flags, settings) : httpUrl(signal, flags, settings),
  )
  const tls = url.startsWith('https:') ? await tlsOf(flags, settings, files) : undefined
  return {
    protocol,
    url,
    headers: {
      ...authorization,
      ...parseHeaders(settings.get('HEADERS')?.value.split(',') ?? [], settings.get('HEADERS')?.name ?? ''),
      ...(await headersOfFile(flags.headersFile, files)),
      ...parseHeaders(flags.headers, '--header'),
    },
    timeoutMs: flags.timeoutMs ?? timeoutOf(settings),
    compression,
    ...(tls ? { tls } : {}),
  }
}

/** Where a signal goes over HTTP in JSON without anything special, given a base address. */
export const plainDestination = (signal: Signal, base: string): Destination => ({
  protocol: 'http/json',
  url: withPath(base, SIGNALS[signal]),
  headers: {},
  timeoutMs: 10_000,
  compression: 'none',
})

function timeoutOf(settings: OtlpSettings): number {
  const setting = settings.get('TIMEOUT')
  if (!setting) return 10_000
  const timeout = Number(setting.value)
  if (timeout > 0 && Number.isFinite(timeout)) return timeout
  throw new FailoverctlError('wrong-use', `${setting.name} must be a number of milliseconds above 0`, 'Example: 10000')
}

function httpUrl(signal: Signal, flags: DestinationFlags, settings: OtlpSettings): string {
  const exact = flags.endpoint === undefined ? settings.ofSignal('ENDPOINT') : undefined
  if (exact) return checkUrl(exact.value, exact.name)
  const base = flags.endpoint === undefined ? settings.general('ENDPOINT') : { name: '--endpoint', value: flags.endpoint }
  return withPath(base ? checkUrl(base.value, base.name) : 'http://localhost:4318', SIGNALS[signal])
}

/** gRPC takes `host:port`, too, and then TLS unless INSECURE says otherwise; a path in the address has no meaning. */
function grpcUrl(flags: DestinationFlags, settings: OtlpSettings): string {
  const setting = flags.endpoint === undefined ? settings.get('ENDPOINT') : { name: '--endpoint', value: flags.endpoint }
  if (!setting) return 'http://localhost:4317'
  const insecure = flags.insecure ?? asFlag(settings.get('INSECURE'))
  const text = /^[\w.-]+:\d+$|^\[[\da-fA-F:]+\]:\d+$/.test(setting.value)
    ? `${insecure ? 'http' : 'https'}://${setting.value}`
    : setting.value
  const url = new URL(checkUrl(text, setting.name))
  return url.href.slice(0, url.href.length - url.pathname.length - url.search.length - url.hash.length)
}

/** `http://user:password@host` is basic authentication. */
function withoutPassword(text: string): { url: string; authorization?: Record<string, string> } {
  const { username, password } = new URL(text)
  if (!username && !password) return { url: text }
  const pair = new TextEncoder().encode(`${decode(username)}:${decode(password)}`)
  return {
    url: text.replace(/^(https?:\/\/)[^/]*@/i, '$1'),
    authorization: { authorization: `Basic ${btoa(String.fromCharCode(...pair))}` },
  }
}

function checkUrl(text: string, source: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text
  const example = /^[\w.-]+:\d+/.test(text) ? `http://${text}` : 'http://localhost:4318'
  throw new FailoverctlError(
    'wrong-use',
    `${source}: ${redactUrl(text)} is not an http or https address`,
    `Write it as ${redactUrl(example)}.`,
  )
}

/** The path comes before what may stand behind it: `?key=…`. */
const withPath = (base: string, path: string): string =>
  base.replace(/^[^?#]*/, address => (address.endsWith(path) ? address : address.replace(/\/+$/, '') + path))

async function tlsOf(flags: DestinationFlags, settings: OtlpSettings, files: World['files']): Promise<Tls | undefined> {
  const pem = async (flag: string | undefined, flagName: string, what: string) => {
    const source = flag === undefined ? settings.get(what) : { name: flagName, value: flag }
    return source && readPem(source.name, source.value, files)
  }
  const ca = await pem(flags.certificate, '--certificate', 'CERTIFICATE')
  const cert = await pem(flags.clientCertificate, '--client-certificate', 'CLIENT_CERTIFICATE')
  const key = await pem(flags.clientKey, '--client-key', 'CLIENT_KEY')
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ['key', 'certificate'] : ['certificate', 'key']
    throw new FailoverctlError(
      'wrong-use',
      `there is a client ${given} without its ${missing}`,
      `Name it with --client-${missing} or OTEL_EXPORTER_OTLP_CLIENT_${missing.toUpperCase()}.`,
    )
  }
  const { serverName, insecureSkipVerify = false } = flags
  if (!(ca || cert || serverName || insecureSkipVerify)) return undefined
  return {
    ...(ca ? { ca } : {}),
    ...(cert && key ? { cert, key } : {}),
    ...(serverName ? { serverName } : {}),
    verify: !insecureSkipVerify,
  }
}

async function readPem(source: string, path: string, files: World['files']): Promise<string> {
  const bytes = await files.read(path).catch((error: unknown) => {
    if (!(error instanceof FailoverctlError)) throw error
    throw new FailoverctlError(error.code, `${source}: ${error.message}`, error.hint, error)
  })
  const text = new TextDecoder().decode(bytes)
  if (text.includes('-----BEGIN ')) return text
  throw new FailoverctlError(
    'unreadable',
    `${source}: ${path} is not a PEM file`,
    'Expected text with a line like -----BEGIN CERTIFICATE-----; openssl converts other forms.',
  )
}

async function headersOfFile(path: string | undefined, files: World['files']): Promise<Record<string, string>> {
  if (path === undefined) return {}
  const lines = new TextDecoder().decode(await files.read(path)).split(/\r?\n/)
  return parseHeaders(lines, `--headers-file: ${path}`)
}

function parseHeaders(pairs: readonly string[], source: string): Record<string, string> {
  return Object.fromEntries(
    pairs
      .filter(pair => pair.trim() !== '')
      .map(pair => {
        const [, name, value] = /^\s*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*=(.*)$/s.exec(pair) ?? []
        // The pair itself may be a secret, so it is not repeated.
        if (name === undefined || value === undefined)
          throw new FailoverctlError('wrong-use', `${source} expects name=value`, 'Example: x-api-key=…')
        return [name.toLowerCase(), decode(value.trim())]
      }),
  )
}

// The specification has values percent-encoded; a lone % is kept as it is.
function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** The same address without what may be a password or a token. */
export const redactUrl = (text: string): string =>
  text.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1…@').replace(/[?#].*$/s, '?…')
