import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { parseTarget } from '../failover/endpoint.ts'
import { replayJobYaml } from '../formats/replay-job.ts'
import type { ReplayOptions } from './replay.ts'

/** `--emit kubernetes`: prints a Job for the folder as the pods see it. The other flags go on to each of its shards. */
export function emitJob(paths: readonly string[], options: ReplayOptions, host: Host): number {
  const { jobName: name, namespace, image, shards, claim, secret } = options
  const [mountPath] = paths as [string]
  if (paths.length > 1 || !mountPath.startsWith('/'))
    throw new FailoverctlError(
      'wrong-use',
      '--emit kubernetes takes one folder',
      'Name the absolute path at which pods see the backup, such as /backup.',
    )
  host.terminal.out(replayJobYaml({ name, namespace, image, shards, claim, mountPath, secret, args: argsOf(options) }))
  return 0
}

const UNITS = { items: 'spans/s', bytes: 'B/s', requests: 'req/s' } as const

function argsOf(options: ReplayOptions): string[] {
  refuseSecrets(options)
  const { failover, rate, delay, rampUp, adaptive, maxLatencyFactor, mark, speed, shards } = options
  const ms = (value: number | undefined) => (value === undefined ? undefined : `${value}ms`)
  const texts: Readonly<Record<string, string | number | undefined>> = {
    protocol: options.protocol,
    strategy: options.strategy,
    region: options.region?.join(','),
    compression: options.compression,
    timeout: ms(options.timeout),
    signal: options.signal,
    concurrency: options.concurrency,
    'request-bytes': options.requestBytes,
    'request-items': options.requestItems,
    'max-line': options.maxLine,
    'give-up-after': ms(options.giveUpAfter),
    'quiet-for': ms(options.quietFor),
    state: options.state,
    'server-name': options.serverName,
    delay: ms(delay),
    'ramp-up': rampUp > 0 ? ms(rampUp) : undefined,
    'max-latency-factor': adaptive ? maxLatencyFactor : undefined,
    canary: options.canary,
    'canary-threshold': options.canary === undefined ? undefined : options.canaryThreshold,
    since: options.since,
    until: options.until,
    filter: options.filter,
    'time-shift': options.timeShift,
    speed: speed === undefined ? undefined : `${speed}x`,
    mark: typeof mark === 'string' ? mark : undefined,
  }
  return [
    ...options.endpoint.flatMap(url => ['--endpoint', url]),
    ...(failover ? ['--failover'] : []),
    ...(adaptive ? [] : ['--no-adaptive']),
    ...(mark === true ? ['--mark'] : []),
    ...(options.insecure ? ['--insecure'] : []),
    ...(options.insecureSkipVerify ? ['--insecure-skip-verify'] : []),
    ...(options.fromDeadLetter ? ['--from-dead-letter'] : []),
    ...(options.follow ? ['--follow'] : []),
    // The shards share what was allowed in all.
    ...rate.flatMap(({ unit, perSecond }) => ['--rate', `${perSecond / shards}${UNITS[unit]}`]),
    ...Object.entries(texts).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}`, String(value)])),
  ]
}

function refuseSecrets({
  header,
  headersFile,
  endpoint,
  certificate,
  clientCertificate,
  clientKey,
  secret,
}: ReplayOptions): void {
  const refuse = (what: string, hint: string) => {
    throw new FailoverctlError('wrong-use', `${what} would stand in the manifest`, hint)
  }
  if (header.length > 0) refuse('--header', 'Put the headers into a secret and name it with --secret.')
  if (headersFile !== undefined) refuse('the path of --headers-file', 'Put the headers into a secret and name it with --secret.')
  const texts = endpoint.map(text => parseTarget(text).url)
  const urls = texts.filter(url => URL.canParse(url)).map(url => new URL(url))
  // A token alone stands where a name does.
  if (urls.some(({ username, password }) => username !== '' || password !== ''))
    refuse('the password of --endpoint', 'Put an authorization header into a secret and name it with --secret.')
  if (urls.some(({ search }) => search !== ''))
    refuse('the query of --endpoint', 'Keys are in one as a rule: put a header into a secret and name it with --secret.')
  const files = [certificate, clientCertificate, clientKey].some(file => file !== undefined)
  if (files)
    refuse(
      'a path on this machine',
      `Mount the certificates, and name them by OTEL_EXPORTER_OTLP_CERTIFICATE${secret ? '' : ' or in a secret'}.`,
    )
}
