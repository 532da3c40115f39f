import type { Http2Server, ServerOptions as Http2ServerOptions, ServerHttp2Session } from 'node:http2'
import { createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import {
  logVerbosity,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  setLogVerbosity,
} from '@grpc/grpc-js'
import { GRPC, OTLP_METHODS } from '../core/grpc.ts'
import type { Address, DrainedListener, GrpcHandler, ServedStatus, Tls } from '../core/host.ts'
import { encodeRpcStatus } from '../core/rpc-status.ts'
import { flushed, listenOn } from './listen-on.ts'
import { usable } from './server-tls.ts'

setLogVerbosity(logVerbosity.NONE)

/** The collector's default is 4 MiB (configgrpc max_recv_msg_size_mib); a sink takes what the OTLP specification lets a client send. */
const MAX_REQUEST_BYTES = 64 * 1024 * 1024

/** How often a draining server looks whether its connections have ended. */
const LOOK_MS = 20

const same = (bytes: Buffer) => bytes

export async function listenGrpc(
  address: Address,
  handle: GrpcHandler,
  tls?: Tls,
  maxBytes: number = MAX_REQUEST_BYTES,
): Promise<DrainedListener> {
  const server = new Server({ 'grpc.max_receive_message_length': maxBytes, 'grpc.enable_channelz': 0 })
  widenStreams(server)
  const sockets = new Map<string, Socket>()
  for (const path of Object.values(OTLP_METHODS)) {
    server.register(
      path,
      (call: Call, done: Done) => void serve(path, call, { sockets, secure: tls !== undefined }, handle, done),
      same,
      same,
      'unary',
    )
  }
  const injector = server.createConnectionInjector(credentialsOf(tls))
  const sessions = widenConnections(server)
  const tcp = createServer(socket => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`
    sockets.set(peer, socket)
    socket.on('close', () => sockets.delete(peer))
    injector.injectConnection(socket)
  })
  const listener = await listenOn(tcp, address)
  const close = async () => {
    await listener.close()
    server.forceShutdown()
  }
  return {
    ...listener,
    close,
    async drain(ms) {
      let open = true
      tcp.close(() => {
        open = false
      })
      // GOAWAY: a client sends new calls elsewhere, and each connection ends with its last call.
      for (const session of sessions) session.close()
      for (let left = ms; open && left > 0; left -= LOOK_MS) await pause(LOOK_MS)
      await close()
    },
  }
}

/** A request of 64 KiB fills the window that HTTP/2 begins with, and waits. Wider ones take 1.6 times less CPU time at both ends. */
const STREAM_WINDOW = 1024 * 1024
const CONNECTION_WINDOW = 4 * STREAM_WINDOW

/** The library has settings for its client's windows, and none for its server's. */
interface Insides {
  readonly commonServerOptions: Http2ServerOptions
  readonly http2Servers: ReadonlyMap<Http2Server, unknown>
}

const widenStreams = (server: Server): void => {
  const { commonServerOptions } = server as unknown as Insides
  commonServerOptions.settings = { ...commonServerOptions.settings, initialWindowSize: STREAM_WINDOW }
}

/** Returns the connections, as they come and go. */
function widenConnections(server: Server): ReadonlySet<ServerHttp2Session> {
  const open = new Set<ServerHttp2Session>()
  for (const http2 of (server as unknown as Insides).http2Servers.keys()) {
    http2.on('session', session => {
      session.setLocalWindowSize(CONNECTION_WINDOW)
      open.add(session)
      session.on('close', () => open.delete(session))
    })
  }
  return open
}

type Call = ServerUnaryCall<Buffer, Buffer>
type Done = sendUnaryData<Buffer>

function credentialsOf(tls: Tls | undefined): ServerCredentials {
  if (!tls) return ServerCredentials.createInsecure()
  usable(tls)
  const pair = { private_key: Buffer.from(tls.key ?? ''), cert_chain: Buffer.from(tls.cert ?? '') }
  return ServerCredentials.createSsl(tls.ca ? Buffer.from(tls.ca) : null, [pair], tls.ca !== undefined)
}

async function serve(
  path: string,
  call: Call,
  { sockets, secure }: { readonly sockets: ReadonlyMap<string, Socket>; readonly secure: boolean },
  handle: GrpcHandler,
  done: Done,
): Promise<void> {
  try {
    const given = Object.entries(call.metadata.getMap())
    const headers = Object.fromEntries(given.filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
    const binary = Object.fromEntries(given.filter((pair): pair is [string, Buffer] => typeof pair[1] !== 'string'))
    const peer = sockets.get(call.getPeer())?.remoteAddress
    const gone = new AbortController()
    call.on('cancelled', () => gone.abort(new Error('the client has gone')))
    const status = await handle({
      path,
      authority: call.getHost(),
      ...(peer === undefined ? {} : { peer }),
      secure,
      headers,
      binary,
      body: call.request,
      abandoned: () => call.cancelled,
      gone: gone.signal,
      timeoutMs: Math.max(0, Number(call.getDeadline()) - Date.now()),
    })
    if (status.reset) {
      // Other calls on the same connection may have been answered in this turn.
      await flushed()
      // grpc-js knows no way to break a connection off, but calls it by the address that its socket has.
      sockets.get(call.getPeer())?.resetAndDestroy()
    } else if (status.code === GRPC.OK) done(null, Buffer.from(status.body ?? []))
    else done(failure(status))
  } catch {
    done({ code: GRPC.INTERNAL, details: 'the handler failed' })
  }
}

function failure({ code, message = '', retryDelayMs }: ServedStatus) {
  const metadata = new Metadata()
  if (retryDelayMs !== undefined) {
    metadata.set('grpc-status-details-bin', Buffer.from(encodeRpcStatus({ code, message, retryDelayMs })))
  }
  return { code, details: message, metadata }
}
