import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * Which process listens on a TCP port, as `name (pid 123)`; undefined where it cannot be told:
 * not on Linux, or a process of another user.
 */
export function holderOf(port: number): string | undefined {
  try {
    const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(table => listeners(readFileSync(table, 'utf8'), port))
    const links = new Set(inodes.map(inode => `socket:[${inode}]`))
    const pid = readdirSync('/proc').find(entry => /^\d+$/.test(entry) && holds(entry, links))
    return pid && `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (pid ${pid})`
  } catch {
    return undefined
  }
}

/** Inodes of the sockets in state LISTEN (0A) on the port, from the kernel's table. */
const listeners = (table: string, port: number): string[] =>
  table
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === '0A' && Number.parseInt(local?.split(':')[1] ?? '', 16) === port)
    .flatMap(([, , , , , , , , , inode]) => inode ?? [])

function holds(pid: string, links: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some(fd => {
      try {
        return links.has(readlinkSync(`/proc/${pid}/fd/${fd}`))
      } catch {
        return false
      }
    })
  } catch {
    return false
  }
}
