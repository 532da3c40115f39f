import { formatDuration } from '../core/duration.ts'
import { type ErrorCode, FailoverctlError } from '../core/errors.ts'
import { GRPC, grpcCodeName } from '../core/grpc.ts'
import type { WireProblem } from '../core/host.ts'
import { type Destination, redactUrl } from './destination.ts'
import { type Verdict, WEB_PAGE } from './reply.ts'
import { SIGNALS, type Signal } from './signal.ts'

interface Words {
  readonly message: string
  readonly hint: string
  readonly code?: ErrorCode
}

/** Why nothing can be delivered there, and what to do about it; undefined where it was, or where it may be another time. */
export function whyNot(verdict: Verdict, destination: Destination, signal: Signal): FailoverctlError | undefined {
  const words = wordsFor(verdict, destination, signal)
  if (!words) return undefined
  const server = 'message' in verdict && verdict.message ? ` (“${verdict.message}”)` : ''
  return new FailoverctlError(words.code ?? 'no-answer', `${redactUrl(destination.url)}: ${words.message}${server}`, words.hint)
}

function wordsFor(verdict: Verdict, destination: Destination, signal: Signal): Words | undefined {
  const isGrpc = destination.protocol === 'grpc'
  switch (verdict.kind) {
    case 'accepted':
      return undefined
    case 'unknown':
      return silent(verdict, destination)
    case 'try-later':
      // Who says so speaks OTLP, or stands before one who does.
      if (verdict.status !== undefined) return undefined
      return { message: verdict.reason, hint: unreached(verdict.problem, destination) }
    case 'refused':
      if (verdict.reason === WEB_PAGE) return { message: verdict.reason, hint: `${WRONG_SERVER} ${SAYS_WHERE}` }
      return isGrpc ? refusedCall(verdict.status, destination, signal) : refusedPost(verdict, destination, signal)
  }
}

const SAYS_WHERE = '--endpoint and OTEL_EXPORTER_OTLP_ENDPOINT say where to send.'
const WRONG_SERVER = 'A web server or the login page of a proxy is there: check host, port and path.'
const ANY_CERTIFICATE = '--insecure-skip-verify takes any certificate.'

/** Where there was no connection to send on. */
function unreached(problem: WireProblem | undefined, destination: Destination): string {
  const isGrpc = destination.protocol === 'grpc'
  switch (problem) {
    case 'refused':
      return `Nothing listens there. Is the receiver running? OTLP over HTTP is at port 4318, over gRPC at 4317. ${SAYS_WHERE}`
    case 'no-such-host':
      return `Check the name. ${SAYS_WHERE}`
    case 'unreachable':
    case 'no-connection-in-time':
      return 'A firewall may be between here and there, or the server hangs.'
    case 'certificate-expired':
      return `Renew it on the server, and check the clock here. ${ANY_CERTIFICATE}`
    case 'certificate-name':
      return `Write the endpoint with a name that the certificate has, or give that name with --server-name. ${ANY_CERTIFICATE}`
    case 'certificate-untrusted':
      return `Name the authority that signed it with --certificate or OTEL_EXPORTER_OTLP_CERTIFICATE. ${ANY_CERTIFICATE}`
    case 'certificate-wanted':
      return 'Name one that the server takes with --client-certificate and --client-key, or OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and …_CLIENT_KEY.'
    case 'bad-certificate-files':
      return 'Expected PEM files, and a key that belongs to its certificate, without a passphrase.'
    case 'bad-header':
      return 'A header has a character that HTTP does not allow, such as a line break. Check --header and OTEL_EXPORTER_OTLP_HEADERS.'
    case 'not-tls':
      return `Write the endpoint with http://${isGrpc ? ', or add --insecure' : ''}.`
    default:
      return otherProtocol(destination)
  }
}

/** A server that hangs up, or speaks something else: mostly it is the other protocol's port. */
function otherProtocol({ protocol, url }: Destination): string {
  const tls = url.startsWith('https:')
  const other =
    protocol === 'grpc' ? 'OTLP over HTTP (4318), use --protocol http/protobuf' : 'OTLP over gRPC (4317), use --protocol grpc'
  return `If the port is one for ${other}. ${tls ? 'If the server wants a client certificate, name it with --client-certificate and --client-key.' : 'If the server speaks TLS, write the endpoint with https://.'}`
}

function silent({ reason, timedOut }: Verdict & { kind: 'unknown' }, destination: Destination): Words {
  if (!timedOut) return { message: reason, hint: otherProtocol(destination) }
  const message = `no answer within ${formatDuration(destination.timeoutMs)}`
  return { message, hint: 'The server took the request and says nothing; what it sends to may hang. --timeout waits longer.' }
}

function refusedPost(
  { status, reason, message = '' }: Verdict & { kind: 'refused' },
  destination: Destination,
  signal: Signal,
): Words | undefined {
  const said = { message: reason }
  if (status === 401 || status === 407) return noAccess(reason, destination)
  if (status === 403) return noRight(reason, signal)
  if (status === 404) {
    const { pathname } = new URL(destination.url)
    const path = pathname.endsWith(SIGNALS[signal])
      ? `${pathname} is not there: another server, another base path, or a collector without a pipeline for ${signal}.`
      : `Requests were posted to ${pathname}; a collector takes ${signal} at ${SIGNALS[signal]}.`
    return { ...said, hint: `${path} ${SAYS_WHERE}` }
  }
  if (status === 405 || status === 415) return { ...said, hint: `${WRONG_SERVER} ${SAYS_WHERE}` }
  if (status >= 300 && status < 400) {
    return {
      ...said,
      message: `${reason}, a redirect`,
      hint: 'It is not followed, as it could carry headers elsewhere: use its address as the endpoint.',
    }
  }
  if (status === 400 && /HTTP request .*HTTPS/i.test(message)) {
    return { message: 'the server speaks TLS', hint: 'Write the endpoint with https://.' }
  }
  return undefined
}

function refusedCall(code: number, destination: Destination, signal: Signal): Words | undefined {
  const reason = `gRPC status ${grpcCodeName(code)}`
  if (code === GRPC.UNAUTHENTICATED) return noAccess(reason, destination)
  if (code === GRPC.PERMISSION_DENIED) return noRight(reason, signal)
  if (code !== GRPC.UNIMPLEMENTED) return undefined
  return {
    message: reason,
    hint: `No OTLP service for ${signal} there: a collector has one only if a pipeline has them. ${SAYS_WHERE}`,
  }
}

const noAccess = (reason: string, { headers }: Destination): Words => ({
  code: 'no-access',
  message: `${reason}, not authenticated`,
  hint: `${
    Object.keys(headers).length === 0
      ? 'No header with a token was sent.'
      : `The token is missing, wrong or expired; sent were the headers ${Object.keys(headers).join(', ')}.`
  } Give it with OTEL_EXPORTER_OTLP_HEADERS, --headers-file or --header.`,
})

const noRight = (reason: string, signal: Signal): Words => ({
  code: 'no-access',
  message: `${reason}, not allowed`,
  hint: `The token is known and may not write ${signal} there, or a firewall for the web refuses the request.`,
})
