import { FailoverctlError } from '../core/errors.ts'
import { SIGNALS, type Signal } from './signal.ts'

/** Where requests of one signal go. Headers may hold secrets: they are never shown. */
export interface Destination {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

export interface DestinationFlags {
  /** Base address, as OTEL_EXPORTER_OTLP_ENDPOINT; the signal's path is added. */
  readonly endpoint?: string | undefined
  /** `name=value` each. */
  readonly headers: readonly string[]
  readonly timeoutMs?: number | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Flags, then the environment of the OpenTelemetry specification (general and per-signal forms; `ENDPOINT` gets the
 * signal's path, `<SIGNAL>_ENDPOINT` is used as it is), then `http://localhost:4318` and 10 s.
 */
export function destinationOf(signal: Signal, flags: DestinationFlags, env: Environment): Destination {
  const fromEnv = (what: string) => env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${what}`] || env[`OTEL_EXPORTER_OTLP_${what}`]
  const exact = flags.endpoint === undefined ? env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`] : undefined
  const base = flags.endpoint ?? (env.OTEL_EXPORTER_OTLP_ENDPOINT || 'http://localhost:4318')
  const timeout = flags.timeoutMs ?? Number(fromEnv('TIMEOUT') ?? 10_000)
  if (!(timeout > 0))
    throw new FailoverctlError('wrong-use', 'OTEL_EXPORTER_OTLP_TIMEOUT must be a number of milliseconds above 0')
  return {
    url: exact ? checkUrl(exact) : withPath(checkUrl(base), SIGNALS[signal]),
    headers: {
      ...parseHeaders(fromEnv('HEADERS')?.split(',') ?? [], 'OTEL_EXPORTER_OTLP_HEADERS'),
      ...parseHeaders(flags.headers, '--header'),
    },
    timeoutMs: timeout,
  }
}

function checkUrl(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text
  const example = /^[\w.-]+:\d+/.test(text) ? `http://${text}` : 'http://localhost:4318'
  throw new FailoverctlError(
    'wrong-use',
    `the endpoint ${redactUrl(text)} is not an http or https address`,
    `Write it as ${example}.`,
  )
}

const withPath = (base: string, path: string): string => (base.endsWith(path) ? base : base.replace(/\/+$/, '') + path)

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
export const redactUrl = (text: string): string => text.replace(/\/\/[^/@\s]*@/, '//…@').replace(/\?.*$/s, '?…')
