import { Option } from 'commander'
import { COMPRESSIONS, type Compression, type DestinationFlags, PROTOCOLS, type Protocol } from '../otlp/destination.ts'
import { durationFlag } from './values.ts'

/** How requests reach an OTLP endpoint; what is not given comes from OTEL_EXPORTER_OTLP_…. */
export interface OtlpOptions {
  readonly protocol: Protocol | undefined
  readonly header: readonly string[]
  readonly headersFile: string | undefined
  readonly timeout: number | undefined
  readonly compression: Compression | undefined
  readonly certificate: string | undefined
  readonly clientCertificate: string | undefined
  readonly clientKey: string | undefined
  readonly serverName: string | undefined
  readonly insecure: boolean | undefined
  readonly insecureSkipVerify: boolean | undefined
}

/** The flags that mean the same in every command that sends OTLP. Each call makes new ones: an option belongs to one command. */
export const otlpOptions = (): Option[] => [
  new Option('--protocol <name>', 'default: OTEL_EXPORTER_OTLP_PROTOCOL, or http/protobuf').choices(PROTOCOLS),
  new Option(
    '--header <name=value>',
    'sent with every request; may be repeated; in OTEL_EXPORTER_OTLP_HEADERS ps does not show it',
  )
    .argParser((pair: string, pairs: readonly string[]) => [...pairs, pair])
    .default([], 'none'),
  new Option('--headers-file <file>', 'the same from a file, such as a mounted secret: a line of name=value for each'),
  new Option('--timeout <duration>', 'for one request (default: OTEL_EXPORTER_OTLP_TIMEOUT, or 10s)').argParser(durationFlag),
  new Option('--compression <name>', 'default: OTEL_EXPORTER_OTLP_COMPRESSION, or none').choices(COMPRESSIONS),
  new Option('--certificate <file>', 'the authority to trust, as PEM (default: OTEL_EXPORTER_OTLP_CERTIFICATE)'),
  new Option('--client-certificate <file>', 'what this client shows of itself, as PEM; with --client-key'),
  new Option('--client-key <file>', 'the key of --client-certificate, as PEM'),
  new Option('--server-name <name>', "the name that the server's certificate must have, if it is not the one in --endpoint"),
  new Option('--insecure', 'gRPC without TLS to an endpoint that is written without http:// or https://'),
  new Option('--insecure-skip-verify', 'take any certificate'),
]

export const destinationFlags = (options: OtlpOptions, endpoint: string | undefined): DestinationFlags => ({
  endpoint,
  protocol: options.protocol,
  headers: options.header,
  headersFile: options.headersFile,
  timeoutMs: options.timeout,
  compression: options.compression,
  certificate: options.certificate,
  clientCertificate: options.clientCertificate,
  clientKey: options.clientKey,
  serverName: options.serverName,
  insecure: options.insecure,
  insecureSkipVerify: options.insecureSkipVerify,
})
