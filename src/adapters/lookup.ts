import { Resolver } from 'node:dns/promises'
import { connect as openSocket } from 'node:net'
import type { Address, NotSent, ServiceRecord } from '../core/host.ts'
import { wireProblem } from './wire-problem.ts'

export function connect({ host, port }: Address, timeoutMs: number): Promise<{ kind: 'open' } | NotSent> {
  return new Promise(resolve => {
    const socket = openSocket({ host, port })
    const end = (result: { kind: 'open' } | NotSent) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(result)
    }
    const timer = setTimeout(
      () => end({ kind: 'not-sent', reason: 'no connection in time', problem: 'no-connection-in-time' }),
      timeoutMs,
    )
    socket.once('connect', () => end({ kind: 'open' }))
    socket.once('error', error => end({ kind: 'not-sent', reason: 'no connection', ...wireProblem(error) }))
  })
}

/** `servers` instead of the system's, as `address:port`. */
export async function services(name: string, servers?: readonly string[]): Promise<ServiceRecord[]> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 })
  if (servers) resolver.setServers(servers)
  const found = await resolver.resolveSrv(name).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTFOUND' || error.code === 'ENODATA') return []
    throw new Error(`the name server gave no answer (${error.code ?? error.message})`, { cause: error })
  })
  // Node 24 adds a type to each.
  return found.map(({ name, port, priority, weight }) => ({ name, port, priority, weight }))
}
