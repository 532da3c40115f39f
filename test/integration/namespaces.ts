import { spawnSync } from 'node:child_process'
import type { Whereabouts } from './process-world.ts'

const run = (...[command = '', ...args]: readonly string[]) => spawnSync(command, args, { encoding: 'utf8' })

function must(...words: string[]): string {
  const { status, stdout, stderr } = run(...words)
  if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`)
  return stdout
}

/** Why no network namespaces can be made here; undefined: they can. */
export function whyNoNamespaces(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root'
  for (const tool of ['ip', 'iptables', 'ip6tables', 'nsenter', 'unshare']) if (run(tool, '--help').error) return `needs ${tool}`
  const name = `fo-try-${process.pid}`
  const made = run('ip', 'netns', 'add', name)
  run('ip', 'netns', 'del', name)
  return made.status === 0 ? undefined : `no network namespaces: ${made.stderr.trim()}`
}

/**
 * A main collector and two backends, each in a network of its own: this machine – main – primary, and main – secondary.
 * The addresses are of the range for benchmarks (RFC 2544), which no real network uses.
 */
export class Namespaces {
  readonly names: Readonly<Record<'main' | 'primary' | 'secondary', string>>
  readonly places: Readonly<Record<'main' | 'primary' | 'secondary', Whereabouts>>

  constructor() {
    const id = process.pid.toString(36)
    const net = (process.pid % 60) * 4
    this.names = { main: `fo${id}m`, primary: `fo${id}p`, secondary: `fo${id}s` }
    for (const name of Object.values(this.names)) {
      must('ip', 'netns', 'add', name)
      must('ip', '-n', name, 'link', 'set', 'lo', 'up')
    }
    const { main, primary, secondary } = this.names
    const host = link(undefined, main, `198.18.${net}`, id)
    const first = link(main, primary, `198.18.${net + 1}`, id)
    const second = link(main, secondary, `198.18.${net + 2}`, id)
    const place = (name: string, address: string): Whereabouts => ({ exec: ['ip', 'netns', 'exec', name], host: address })
    this.places = { main: place(main, host), primary: place(primary, first), secondary: place(secondary, second) }
  }

  close(): void {
    for (const name of Object.values(this.names)) run('ip', 'netns', 'del', name)
  }
}

/** The rules of ours for these ports that stand in a namespace, or in that of this machine, where others may have some, too. */
export const rulesOf = (ports: readonly number[], name?: string): string[] =>
  ['iptables', 'ip6tables'].flatMap(tool =>
    must(...(name === undefined ? [] : ['ip', 'netns', 'exec', name]), tool, '-S')
      .split('\n')
      .filter(line => line.includes('failoverctl:') && ports.some(port => line.includes(`port ${port} `))),
  )

let links = 0

/** Two devices with a wire between them; answers with the address at the far end. */
function link(near: string | undefined, far: string, net: string, id: string): string {
  const [a, b] = [`fo${id}a${++links}`, `fo${id}b${links}`]
  must('ip', 'link', 'add', a, 'type', 'veth', 'peer', 'name', b)
  if (near !== undefined) must('ip', 'link', 'set', a, 'netns', near)
  must('ip', 'link', 'set', b, 'netns', far)
  const at = (name: string | undefined) => (name === undefined ? [] : ['-n', name])
  for (const [device, name, address] of [
    [a, near, `${net}.1/30`],
    [b, far, `${net}.2/30`],
  ] as const) {
    must('ip', ...at(name), 'address', 'add', address, 'dev', device)
    must('ip', ...at(name), 'link', 'set', device, 'up')
  }
  return `${net}.2`
}
