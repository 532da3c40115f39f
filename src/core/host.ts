import type { Asker } from './ask.ts'
import type { Clock } from './clock.ts'
import type { Disk } from './disk.ts'
import type { Processes } from './processes.ts'
import type { Random } from './random.ts'
import type { Screen, ScreenEvent } from './screen.ts'
import type { Threads } from './threads.ts'
import type { Tools } from './tools.ts'

/**
 * All that a command can do to the world. `cli/host.ts` builds the real one from `adapters/`,
 * tests build their own; nobody else touches a clock, chance, a file, a socket or the console.
 */
export interface Host {
  readonly clock: Clock
  readonly random: Random
  readonly env: Readonly<Record<string, string | undefined>>
  readonly files: Files
  readonly disk: Disk
  readonly network: Network
  readonly threads: Threads
  readonly processes: Processes
  readonly tools: Tools
  readonly terminal: Terminal
  /** The terminal as a screen of its own; undefined where there is none. */
  openScreen(hear: (event: ScreenEvent) => void): Screen | undefined
  /** Aborts when the person presses Ctrl-C or the process is asked to end. */
  readonly interrupted: AbortSignal
  /** Hears a person ask a long run to hold (SIGUSR1) and to go on (SIGUSR2), until the returned function is called. */
  onPause(hear: (wish: 'pause' | 'resume') => void): () => void
  /** Before a second Ctrl-C ends the program at once, what this answers is printed, until the returned function is called. */
  onLeaving(say: () => string): () => void
  /** Hears a person ask a server to read its settings anew (SIGHUP), until the returned function is called. */
  onReload(hear: () => void): () => void
}

export interface Terminal {
  /** Standard output: exactly the report. */
  out(text: string): void
  /** Standard error: progress, advice, errors. */
  err(text: string): void
  /** A line on standard error that the next one replaces; does nothing where no person watches. Empty text clears it. */
  status(text: string): void
  /** Whether a person watches standard error: only then `status` and `bars` show anything. */
  readonly watched: boolean
  /** Bars on standard error, one a line; the next call replaces them, none at all takes them away. */
  bars(bars: readonly Bar[]): void
  readonly colour: { readonly out: boolean; readonly err: boolean }
  /** A person who can be asked; nobody in a script or in CI. */
  readonly ask?: Asker | undefined
  /** How wide standard output is, where it is a screen. */
  readonly columns?: number | undefined
}

export interface Bar {
  readonly label: string
  /** From 0 to 1; undefined is a line without a bar. */
  readonly share: number | undefined
  readonly text: string
}

export interface Files {
  /** Throws a FailoverctlError with a code of exit 3 when it cannot be read. `-` is standard input. */
  read(path: string): Promise<Uint8Array>
  exists(path: string): Promise<boolean>
  /** What stands at a path where files are to be created. */
  folder(path: string): Promise<'missing' | 'no-folder' | 'read-only' | 'writable'>
  /** The files that these patterns name, sorted; none when nothing matches. */
  glob(patterns: readonly string[]): Promise<string[]>
  /** Changes when the file does: made of its time and size. Undefined where there is no file. */
  stamp(path: string): Promise<string | undefined>
  /** Replaces the whole file at once: after a crash it is the old one or the new one. Throws `unwritable`. */
  write(path: string, data: Uint8Array): Promise<void>
  /** Creates the folders that lead to `path`. */
  append(path: string, data: Uint8Array): Promise<void>
  temporaryFolder(prefix: string): Promise<string>
  remove(folder: string): Promise<void>
}

export interface Network {
  request(request: HttpRequest): Promise<HttpReply>
  /** A GET, quickly there: for those who look at much, or once. Asks again by itself when a kept connection has just ended. */
  get(request: GetRequest): Promise<HttpReply>
  /** One unary gRPC call. Nothing is sent twice by itself, and a failed connection is dialed anew by the next call, not before. */
  call(request: GrpcRequest): Promise<GrpcReply>
  /**
   * Throws `port-in-use` (with the holder, where it can be told) or `cannot-listen`. Port 0 is a free one.
   * A body of more than `maxRequestBytes` (20 MiB), unpacked, is answered as a collector does, with 400.
   */
  listen(address: Address, handle: HttpHandler, tls?: Tls, maxRequestBytes?: number): Promise<Listener>
  /**
   * Serves the OTLP methods of `core/grpc.ts`; any other is UNIMPLEMENTED. Throws as `listen` does.
   * A message of more than `maxRequestBytes` (64 MiB) is RESOURCE_EXHAUSTED.
   */
  listenGrpc(address: Address, handle: GrpcHandler, tls?: Tls, maxRequestBytes?: number): Promise<DrainedListener>
  /** A request whose body is sent, and whose answer is read, piece by piece. Nothing is sent twice by itself. */
  exchange(request: ExchangeRequest): Promise<ExchangeReply>
  /** Serves requests whose bodies are read, and whose answers are written, piece by piece. Throws as `listen` does. */
  serve(address: Address, handle: StreamHandler, tls?: Tls): Promise<StreamListener>
  /** Takes connections and passes their bytes on to another address, and back. Throws as `listen` does. */
  relay(listen: Address, upstream: Address): Promise<Relay>
  /** Opens a connection and closes it again: whether anybody listens. */
  connect(address: Address, timeoutMs: number): Promise<{ readonly kind: 'open' } | NotSent>
  /** The SRV records of a name; none when it has none. Rejects when the name server gives no answer. */
  services(name: string): Promise<readonly ServiceRecord[]>
  /** Closes every connection that `request`, `call` and `exchange` keep. */
  close(): Promise<void>
}

/** How bytes are passed on; nothing set is as they come. */
export interface RelayWay {
  /** Connections are taken and kept, and nothing passes until this is over. */
  readonly holds?: boolean
  /** Connections are reset, those that are open and those that come. */
  readonly resets?: boolean
  /** What goes to the other address is so late. */
  readonly delayMs?: number
}

export interface Relay extends Listener {
  become(way: RelayWay): void
}

export type Pieces = AsyncIterable<Uint8Array>

/** A body that is small and said so is there whole: streams cost more than they carry. */
export type Body = Uint8Array | Pieces

export interface ExchangeRequest {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: Body
  readonly tls?: Tls
  /** From the call to the head of the answer, and then from one piece of it to the next. Infinity: no limit. */
  readonly timeoutMs: number
  readonly signal?: Interruption
}

/** As much of an AbortSignal as a request needs: a real one for each would cost a proxy a tenth of its time. */
export interface Interruption {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', hear: () => void): void
  removeEventListener(type: 'abort', hear: () => void): void
}

export type ExchangeReply =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers: Readonly<Record<string, string | readonly string[]>>
      /** To be read to its end or discarded. Reading rejects when the peer stops in the middle. */
      readonly body: Body
      discard(): void
    }
  | NotSent
  | NoAnswer

export interface StreamRequest {
  readonly method: string
  /** Path and query, as they came. */
  readonly target: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Undefined where there is none. */
  readonly body: Body | undefined
  /** The address at the other end, undefined when it has gone already, and whether it spoke TLS. */
  readonly peer: string | undefined
  readonly secure: boolean
  /** Aborts when the client has gone before its answer was complete. */
  readonly gone: Interruption
}

export interface StreamReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** When reading it fails, the connection to the client is reset: it must not take a part for the whole. */
  readonly body?: Body | string
}

export type StreamHandler = (request: StreamRequest) => Promise<StreamReply>

export interface DrainedListener extends Listener {
  /** Stops listening, lets requests under way end for so long, then resets what is left. */
  drain(ms: number): Promise<void>
}

export interface StreamListener extends DrainedListener {
  /** Other certificates, where it speaks TLS: for connections from when the function is called. Throws what is wrong with them. */
  renewal(tls: Tls): () => void
}

/** RFC 2782: lower priorities first, by weight among equals. */
export interface ServiceRecord {
  readonly name: string
  readonly port: number
  readonly priority: number
  readonly weight: number
}

export interface Address {
  readonly host: string
  readonly port: number
}

/** Certificates and keys as PEM text, never shown. On a server, `ca` asks every client for a certificate of that authority. */
export interface Tls {
  /** Instead of the authorities that Node trusts. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** The name that the server's certificate must have, where it is not the one in the address. */
  readonly serverName?: string
  /** False takes any certificate. */
  readonly verify: boolean
}

export type PackedAs = 'gzip' | 'zstd'

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly compression?: PackedAs
  readonly tls?: Tls
  /** From the first byte sent to the last byte of the answer. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

export interface GetRequest {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** A body over this is not read on. */
  readonly maxReplyBytes: number
}

/** What became of a request. The difference between the last two decides whether it may be sent elsewhere without a duplicate. */
export type HttpReply =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
      readonly body: Uint8Array
      /** The body was over 4 MiB, or what the request allows, and is not here. */
      readonly oversized?: boolean
    }
  | NotSent
  | NoAnswer

/** Surely never seen by the peer: no connection, name not found. */
export interface NotSent {
  readonly kind: 'not-sent'
  readonly reason: string
  readonly problem?: WireProblem
}

/** Sent, at least in part, and no answer came. */
export interface NoAnswer {
  readonly kind: 'no-answer'
  readonly reason: string
  readonly timedOut: boolean
  readonly problem?: WireProblem
}

/** What stood between us and an answer, where it can be told. */
export type WireProblem =
  | 'refused'
  | 'no-such-host'
  | 'unreachable'
  | 'no-connection-in-time'
  | 'certificate-expired'
  | 'certificate-name'
  | 'certificate-untrusted'
  /** The server asks for a client certificate, or does not take ours. */
  | 'certificate-wanted'
  | 'bad-certificate-files'
  /** A header has a character that HTTP forbids. */
  | 'bad-header'
  /** TLS was spoken to a server that does not. */
  | 'not-tls'
  /** The server does not speak HTTP, or for gRPC not HTTP/2. */
  | 'other-protocol'
  | 'closed'

export interface GrpcRequest {
  /** `http://` is plain, `https://` is TLS; the origin alone. */
  readonly url: string
  /** `/package.Service/Method`. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Metadata under names that end in -bin. */
  readonly binary?: Readonly<Record<string, Uint8Array>>
  readonly body: Uint8Array
  readonly compression?: 'gzip'
  /** From the call to its status. The server is told. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  readonly tls?: Tls
}

export type GrpcReply =
  | {
      readonly kind: 'answer'
      /** A code of `core/grpc.ts`; 0 is OK. */
      readonly code: number
      readonly message: string
      /** RetryInfo of the status details: the server wants to be asked again, after so long. */
      readonly retryDelayMs: number | undefined
      /** Empty unless the code is 0. */
      readonly body: Uint8Array
    }
  | NotSent
  | NoAnswer

export interface ServedCall {
  readonly path: string
  /** The name that the client asked for. */
  readonly authority?: string
  /** The address at the other end. */
  readonly peer?: string
  readonly secure?: boolean
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Metadata under names that end in -bin. */
  readonly binary?: Readonly<Record<string, Uint8Array>>
  readonly body: Uint8Array
  /** True once the client has given up: nobody waits for the answer. */
  abandoned(): boolean
  /** Aborts when that happens. */
  readonly gone?: AbortSignal
  /** What the client's deadline leaves; Infinity without one. */
  readonly timeoutMs?: number
}

export interface ServedStatus {
  readonly code: number
  readonly message?: string
  /** Sent as RetryInfo. */
  readonly retryDelayMs?: number
  readonly body?: Uint8Array
  /** Resets the connection instead. */
  readonly reset?: boolean
}

export type GrpcHandler = (call: ServedCall) => ServedStatus | Promise<ServedStatus>

export interface ServedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
  /** True once the client has closed its connection: nobody waits for the answer. */
  abandoned(): boolean
}

export interface ServedReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  /** Resets the connection instead. */
  readonly reset?: boolean
}

export type HttpHandler = (request: ServedRequest) => ServedReply | Promise<ServedReply>

export interface Listener extends Address {
  /** Stops listening and resets every open connection. */
  close(): Promise<void>
}
