import type { Graph } from '../collector/graph.ts'
import { type Clock, sleep } from '../core/clock.ts'
import type { Network } from '../core/host.ts'
import { eventsBetween, type WatchEvent } from './events.ts'
import { History } from './history.ts'
import { lookAt } from './look.ts'
import type { Source } from './source.ts'
import type { CollectorStatus } from './status.ts'
import { Tracker } from './tracker.ts'
import type { Watched } from './watched.ts'

/** How often a list that can change is asked for again. */
const LIST_EVERY_MS = 15_000
/** This share of an interval is waited for answers; who is later is shown with the next. */
const WAIT_SHARE = 0.8

/** In intervals. */
const SILENT_AFTER = 2

/** So many are asked at once; more have their turns in this share of an interval. */
const AT_ONCE = 8
const SPREAD_SHARE = 0.6

/** A collector and all that was seen of it. */
export interface Row {
  readonly name: string
  /** undefined until its first answer, or the first look's time-out. */
  readonly status: CollectorStatus | undefined
  readonly history: History
}

interface Member extends Row {
  readonly tracker: Tracker
  status: CollectorStatus | undefined
  /** When its last answer, or its time-out, was there. */
  heardAt: number
  isBusy: boolean
}

export interface Round {
  readonly rows: readonly Row[]
  /** Of this round. */
  readonly events: readonly WatchEvent[]
}

interface World {
  readonly network: Pick<Network, 'get'>
  readonly clock: Clock
}

export interface WatchingOptions {
  readonly intervalMs: number
  readonly timeoutMs: number
}

/** Looks at all collectors each interval. One that is silent holds up nobody. */
export class Watching {
  #source: Source
  #graph: Graph | undefined
  #options: WatchingOptions
  #host: World
  #members = new Map<string, Member>()
  #listedAt: number | undefined
  #events: WatchEvent[] = []

  constructor(source: Source, graph: Graph | undefined, options: WatchingOptions, host: World) {
    this.#source = source
    this.#graph = graph
    this.#options = options
    this.#host = host
  }

  get rows(): readonly Row[] {
    return [...this.#members.values()]
  }

  /** Starts a look at everyone who is not still being waited for, and tells what there is when most have answered. */
  async round(signal: AbortSignal): Promise<Round> {
    await this.#list()
    const { clock } = this.#host
    const idle = [...this.#members.values()].filter(({ isBusy }) => !isBusy)
    let stopWaiting = () => {}
    const late = new Promise<void>(resolve => {
      stopWaiting = clock.timer(this.#options.intervalMs * WAIT_SHARE, resolve)
    })
    await Promise.race([
      Promise.all(idle.map((member, index) => this.#lookIn(this.#turn(index, idle.length), member, signal))),
      late,
    ])
    stopWaiting()
    signal.throwIfAborted()
    for (const member of this.#members.values()) {
      // Who is a little late for this round has not been silent: what was last heard still stands.
      const isSilent = clock.now() - member.heardAt > SILENT_AFTER * this.#options.intervalMs
      member.history.push(isSilent ? undefined : member.status)
    }
    const events = this.#events
    this.#events = []
    return { rows: this.rows, events }
  }

  /** When its turn comes, in milliseconds: many answers at one instant would take memory and a network that few do not. */
  #turn(index: number, count: number): number {
    return count <= AT_ONCE ? 0 : (Math.floor(index / AT_ONCE) * AT_ONCE * this.#options.intervalMs * SPREAD_SHARE) / count
  }

  async #lookIn(ms: number, member: Member, signal: AbortSignal): Promise<void> {
    member.isBusy = true
    if (ms > 0) await sleep(this.#host.clock, ms, signal).catch(() => {})
    if (signal.aborted) member.isBusy = false
    else await this.#look(member, signal)
  }

  async #look(member: Member, signal: AbortSignal): Promise<void> {
    const { network, clock } = this.#host
    try {
      const look = await lookAt(member.tracker.watched, { network, clock, timeoutMs: this.#options.timeoutMs, signal })
      const status = member.tracker.take(look)
      this.#events.push(...eventsBetween(member.status, status, clock.epochMs()))
      member.status = status
      member.heardAt = clock.now()
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      member.isBusy = false
    }
  }

  async #list(): Promise<void> {
    const now = this.#host.clock.now()
    if (this.#listedAt !== undefined && (!this.#source.changes || now - this.#listedAt < LIST_EVERY_MS)) return
    const isFirst = this.#listedAt === undefined
    this.#listedAt = now
    // Who cannot be listed once is listed the next time: those that are known go on.
    const listed = await this.#source.list().catch(error => {
      if (isFirst) throw error
      return undefined
    })
    if (!listed) return
    const names = new Set(listed.map(({ name }) => name))
    const told = (collector: string, kind: 'came' | 'left', text: string): WatchEvent => ({
      at: this.#host.clock.epochMs(),
      collector,
      kind,
      gravity: kind === 'left' ? 1 : 0,
      text,
    })
    for (const name of this.#members.keys()) {
      if (names.has(name)) continue
      this.#members.delete(name)
      this.#events.push(told(name, 'left', 'is not there any more'))
    }
    for (const watched of listed) {
      if (this.#members.has(watched.name)) continue
      this.#members.set(watched.name, this.#member(watched))
      if (!isFirst) this.#events.push(told(watched.name, 'came', 'is new'))
    }
  }

  #member(watched: Watched): Member {
    const tracker = new Tracker(watched, this.#graph)
    return {
      name: watched.name,
      tracker,
      history: new History(),
      status: undefined,
      heardAt: Number.NEGATIVE_INFINITY,
      isBusy: false,
    }
  }
}
