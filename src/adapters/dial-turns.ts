/** As much of undici's Agent as is needed here. */
interface Agent {
  on(event: 'connect' | 'disconnect', hear: (origin: URL) => void): unknown
}

interface Lane {
  connections: number
  /** Requests that undici has. */
  under: number
  /** Whether a connection was begun in this turn. */
  begun: boolean
  readonly waiting: (() => void)[]
}

/**
 * undici opens a connection for every request that finds none free. After a pause of some milliseconds, or when idle connections have
 * timed out, that is dozens at once; to open one takes longer than to answer a request, so more come late, and more are opened.
 * Here one is begun in a turn of the event loop, for each origin: who waits may find another free in the next.
 */
export class DialTurns {
  readonly #lanes = new Map<string, Lane>()

  constructor(agent: Agent) {
    agent.on('connect', ({ origin }) => void this.#lane(origin).connections++)
    agent.on('disconnect', ({ origin }) => void this.#lane(origin).connections--)
  }

  /** Calls `go` now or in a turn that comes soon, and in the order of the calls. Once it has, `left` is to be called. */
  enter(origin: string, go: () => void): void {
    const lane = this.#lane(origin)
    if (lane.waiting.length === 0 && this.#admit(lane)) go()
    else lane.waiting.push(go)
  }

  left(origin: string): void {
    this.#lane(origin).under--
  }

  #admit(lane: Lane): boolean {
    if (lane.under >= lane.connections) {
      if (lane.begun) return false
      lane.begun = true
      setImmediate(() => this.#turn(lane))
    }
    lane.under++
    return true
  }

  // Whoever still waits after it waits for a connection that was begun, and so for the next turn.
  #turn(lane: Lane): void {
    lane.begun = false
    let next = 0
    while (next < lane.waiting.length && this.#admit(lane)) next++
    for (const go of lane.waiting.splice(0, next)) go()
  }

  #lane(origin: string): Lane {
    const known = this.#lanes.get(origin)
    if (known) return known
    // The same origin may be written in two ways, with its usual port, say; undici's events have the one that a URL has.
    const proper = new URL(origin).origin
    const lane = this.#lanes.get(proper) ?? { connections: 0, under: 0, begun: false, waiting: [] }
    this.#lanes.set(proper, lane)
    this.#lanes.set(origin, lane)
    return lane
  }
}
