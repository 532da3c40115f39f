import type { WireProblem } from '../core/host.ts'

/** Why there was no connection, by the codes and words of Node, OpenSSL and the gRPC library. The first that fits counts. */
const PROBLEMS: readonly (readonly [pattern: RegExp, problem: WireProblem, reason: string])[] = [
  [/ECONNREFUSED/, 'refused', 'connection refused'],
  [/ENOTFOUND|Name resolution failed/, 'no-such-host', 'no such host'],
  [/EAI_AGAIN/, 'no-such-host', 'the host name could not be looked up'],
  [/EHOSTUNREACH/, 'unreachable', 'no route to the host'],
  [/ENETUNREACH|EADDRNOTAVAIL/, 'unreachable', 'the network is unreachable'],
  [/UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT/, 'no-connection-in-time', 'no connection in time'],
  [/CERT_HAS_EXPIRED|certificate has expired/, 'certificate-expired', "the server's certificate has expired"],
  [/CERT_NOT_YET_VALID|certificate is not yet valid/, 'certificate-expired', "the server's certificate is not valid yet"],
  [/ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate/, 'certificate-name', "the server's certificate is for another name"],
  [/SELF_SIGNED|self-signed certificate/, 'certificate-untrusted', "the server's certificate is self-signed"],
  [/UNABLE_TO_|unable to (?:verify|get)/, 'certificate-untrusted', "the server's certificate is from an unknown authority"],
  [/alert number 116|certificate.required/i, 'certificate-wanted', 'the server wants a client certificate'],
  [
    /alert (?:number 4[2-8]|bad certificate|unknown ca)/i,
    'certificate-wanted',
    'the server does not take the client certificate',
  ],
  [
    /wrong.version.number|packet length too long|record layer failure|unknown protocol|http request/i,
    'not-tls',
    'the server does not speak TLS',
  ],
  [
    /key values mismatch|no start line|PEM|bad decrypt|bad base64|ASN1|DECODER/i,
    'bad-certificate-files',
    'the certificate files cannot be used',
  ],
  [/invalid \S+ header|Metadata (?:string|key)|ERR_INVALID_CHAR|ERR_INVALID_HTTP_TOKEN/, 'bad-header', 'a header cannot be sent'],
  [
    /HPE_|does not match the HTTP|Parse Error|Protocol error|NGHTTP2|ERR_HTTP2/,
    'other-protocol',
    'the server speaks another protocol',
  ],
  [/Failed to connect|ocket closed|other side closed|ECONNRESET|EPIPE/, 'closed', 'connection closed before an answer'],
]

/** What an error says about the connection; undefined for one that says nothing. */
export function wireProblem(error: unknown): { problem: WireProblem; reason: string } | undefined {
  const text = textOf(error)
  const found = PROBLEMS.find(([pattern]) => pattern.test(text))
  return found && { problem: found[1], reason: found[2] }
}

function textOf(error: unknown): string {
  if (typeof error === 'string') return error
  const { code = '', message = '', cause, errors } = error as NodeJS.ErrnoException & { errors?: unknown[] }
  return [code, message, ...(cause ? [textOf(cause)] : []), ...(errors ?? []).map(textOf)].join(' ')
}
