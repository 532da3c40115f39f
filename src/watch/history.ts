import type { CollectorStatus } from './status.ts'

/** As many looks as the widest screen shows. */
const KEPT = 240

/** The newest values of one figure, one for each look; NaN where nothing was read. */
export class Series {
  #values = new Float32Array(KEPT).fill(Number.NaN)
  #next = 0

  push(value: number): void {
    this.#values[this.#next % KEPT] = value
    this.#next++
  }

  /** The last `count`, oldest first; NaN before the first look. */
  last(count: number): number[] {
    return Array.from({ length: count }, (_, index) => {
      const at = this.#next - count + index
      return at < 0 || count - index > KEPT ? Number.NaN : (this.#values[at % KEPT] as number)
    })
  }
}

/** What one collector did, look by look. */
export class History {
  readonly received = new Series()
  readonly refused = new Series()
  readonly #levels = new Map<string, Series>()
  readonly #queues = new Map<string, Series>()
  #looks = 0

  /** Undefined: this time there was no answer yet. */
  push(status: CollectorStatus | undefined): void {
    const received = status?.problem ? undefined : status?.received
    this.received.push(received?.accepted.perSecond ?? Number.NaN)
    this.refused.push(received?.refused.perSecond ?? Number.NaN)
    const connectors = new Map(status?.connectors.map(connector => [connector.id, connector]))
    for (const id of new Set([...this.#levels.keys(), ...connectors.keys()])) {
      const connector = connectors.get(id)
      this.#of(this.#levels, id).push(connector?.level ?? Number.NaN)
      this.#of(this.#queues, id).push(connector?.queue?.capacity ? connector.queue.size / connector.queue.capacity : Number.NaN)
    }
    this.#looks++
  }

  level = (connector: string): Series => this.#of(this.#levels, connector)
  queue = (connector: string): Series => this.#of(this.#queues, connector)

  // One that comes later has nothing before: its columns stand below the others'.
  #of(all: Map<string, Series>, id: string): Series {
    const found = all.get(id) ?? new Series()
    if (!all.has(id)) for (let look = 0; look < Math.min(this.#looks, KEPT); look++) found.push(Number.NaN)
    all.set(id, found)
    return found
  }
}
