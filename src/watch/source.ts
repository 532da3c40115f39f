import type { Watched } from './watched.ts'

/** Where the collectors are named. */
export interface Source {
  /** All that are there now; a list that can change is asked for again while it is watched. */
  list(): Promise<readonly Watched[]>
  readonly changes: boolean
  /** Ends what helps to reach them. */
  close(): Promise<void>
}

export const fixedSource = (all: readonly Watched[]): Source => ({ list: async () => all, changes: false, close: async () => {} })

/** Ports where nothing says otherwise. */
export interface Ports {
  readonly metrics: number
  readonly health: number
}

export const DEFAULT_PORTS: Ports = { metrics: 8888, health: 13_133 }
