import type { Host, Listener } from '../core/host.ts'
import { openAdmin } from './admin.ts'
import type { ListenerConfig, ProxyConfig } from './config.ts'
import { Door, type Tell } from './door.ts'

export interface RunningProxy {
  readonly doors: readonly Door[]
  readonly adminPort: number | undefined
  /** Takes on other settings. Addresses that stay keep listening; throws, and changes nothing, when a new one cannot be had. */
  reload(config: ProxyConfig): Promise<void>
  /** Takes nothing new, lets requests under way end for as long as the settings say, and closes everything. */
  drain(): Promise<void>
}

/** Throws `port-in-use` or `cannot-listen`; then nothing listens. */
export async function startProxy(first: ProxyConfig, host: Host, tell: Tell): Promise<RunningProxy> {
  let config = first
  let doors = await openAll(first.listeners, host, tell)
  let admin: Listener | undefined
  try {
    admin = first.admin && (await openAdmin(first.admin, () => doors, host.network))
  } catch (error) {
    await Promise.all(doors.map(door => door.drain(0)))
    throw error
  }
  /** Returns those that are no more. */
  const change = async (next: ProxyConfig): Promise<Door[]> => {
    const stays = (listener: ListenerConfig) => doors.find(door => sameAddress(door.config, listener))
    // All that can fail comes before the first change.
    const renewals = next.listeners.map(listener => stays(listener)?.renewal(listener))
    const added = await openAll(
      next.listeners.filter(listener => !stays(listener)),
      host,
      tell,
    )
    for (const renew of renewals) renew?.()
    const kept = next.listeners.flatMap(listener => {
      const door = stays(listener)
      door?.change(listener, next.drainMs)
      return door ?? []
    })
    const gone = doors.filter(door => !kept.includes(door))
    doors = [...kept, ...added]
    config = next
    return gone
  }
  // One after the other: the second would find the ports in use that the first has just opened.
  let last: Promise<unknown> = Promise.resolve()
  return {
    get doors() {
      return doors
    },
    adminPort: admin?.port,
    async reload(next) {
      const changed = last.then(() => change(next))
      last = changed.catch(() => {})
      await Promise.all((await changed).map(door => door.drain(next.drainMs)))
    },
    async drain() {
      await last
      await Promise.all(doors.map(door => door.drain(config.drainMs)))
      await admin?.close()
    },
  }
}

// Any free port is another one for each listener.
const sameAddress = (a: ListenerConfig, b: ListenerConfig) =>
  a.protocol === b.protocol &&
  a.listen.host === b.listen.host &&
  a.listen.port === b.listen.port &&
  (a.listen.port !== 0 || a.name === b.name)

async function openAll(configs: readonly ListenerConfig[], host: Host, tell: Tell): Promise<Door[]> {
  const opened: Door[] = []
  try {
    for (const config of configs) opened.push(await Door.open(config, host, tell))
  } catch (error) {
    await Promise.all(opened.map(door => door.drain(0)))
    throw error
  }
  return opened
}
