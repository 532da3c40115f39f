import type { AddressInfo, Server, Socket } from 'node:net'
import { FailoverctlError } from '../core/errors.ts'
import type { Address, Listener } from '../core/host.ts'
import { holderOf } from './port-holder.ts'

/**
 * Turns of the event loop in which an answer that has been given gets out. Without them HTTP/2, which writes a turn later, cuts off
 * answers to requests that were handled: 128 in 40 closings under load, and none with them.
 */
const FLUSH_TURNS = 3

export async function flushed(): Promise<void> {
  for (let turn = 0; turn < FLUSH_TURNS; turn++) await new Promise(resolve => setImmediate(resolve))
}

/** Starts a server whose end is sudden: it stops listening and resets every open connection. */
export async function listenOn(server: Server, { host, port }: Address): Promise<Listener> {
  const sockets = new Set<Socket>()
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', error => reject(cannotListen(error, { host, port })))
    server.listen({ host, port })
  })
  return {
    host,
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise(resolve => server.close(resolve))
      await flushed()
      for (const socket of sockets) socket.resetAndDestroy()
      await closed
    },
  }
}

/** `port-in-use` with the holder, or `cannot-listen`. */
function cannotListen(error: NodeJS.ErrnoException, { host, port }: Address): FailoverctlError {
  if (error.code !== 'EADDRINUSE') {
    return new FailoverctlError(
      'cannot-listen',
      `cannot listen on ${host}:${port} (${error.code ?? error.message})`,
      undefined,
      error,
    )
  }
  const holder = holderOf(port)
  return new FailoverctlError(
    'port-in-use',
    `port ${port} on ${host} is in use${holder ? ` by ${holder}` : ''}`,
    'Stop what holds it, or listen on another port.',
    error,
  )
}
