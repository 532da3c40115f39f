import type { Clock } from '../core/clock.ts'
import type { Sample } from '../metrics/prometheus.ts'
import type { BuiltQueue } from '../model/build.ts'
import { type Collector, type CollectorEvent, type CollectorState, restart, startState, step } from '../model/collector.ts'
import { memoryUse } from '../model/memory.ts'
import type { Batch, Effect, Failure, Observation, Result } from '../model/node.ts'
import { readItems } from '../otlp/encodings.ts'
import type { Payload } from '../otlp/payload.ts'
import type { Answer } from '../sink/arrival.ts'
import { signalOf, toBatch } from './batches.ts'
import { Counters } from './counters.ts'
import type { Outlet } from './outlet.ts'

export interface GatewaySettings {
  readonly collector: Collector
  readonly outlets: ReadonlyMap<string, Outlet>
  readonly clock: Clock
  /** Labels of an exporter's own metrics besides its id: where it sends. */
  readonly labels: ReadonlyMap<string, Readonly<Record<string, string>>>
  readonly queues: readonly BuiltQueue[]
  readonly version: string
}

export interface ReceiverLabels {
  readonly receiver: string
  readonly transport: 'http' | 'grpc'
}

/** Names that the collector's metrics use for the items of each signal. */
const UNITS = { traces: 'spans', metrics: 'metric_points', logs: 'log_records' } as const

/** Runs the model on the real clock: does what its effects say, and reports back what came of them. */
export class Gateway {
  #settings: GatewaySettings
  #state: CollectorState
  #counters = new Counters()
  #timers = new Set<() => void>()
  #startedAt: number
  #closed = false
  /** Which of its lives this is: what comes back from an earlier one finds nobody. */
  #life = 0
  #crashedAt: number | undefined

  constructor(settings: GatewaySettings) {
    this.#settings = settings
    this.#state = startState(settings.collector)
    this.#startedAt = settings.clock.now()
    this.#begin()
  }

  /** The counters of a process that has just started. */
  #begin(): void {
    const { version, queues } = this.#settings
    this.#counters = new Counters()
    this.#counters.set('target_info', { service_name: 'failoverctl-lab', service_version: version }, 1)
    for (const { owner, signal, capacity } of queues) {
      this.#counters.set('otelcol_exporter_queue_capacity', { data_type: signal, exporter: owner }, capacity)
      this.#counters.set('otelcol_exporter_queue_size', { data_type: signal, exporter: owner }, 0)
    }
  }

  /** It dies on the spot: what it was about to do is not done, and nobody is answered. */
  crash(): void {
    this.#crashedAt ??= this.#settings.clock.now()
    this.#life++
    this.close()
  }

  /** A new process goes on with what the old one had on its disk. Does nothing where none has died. */
  restart(): void {
    if (this.#crashedAt === undefined) return
    const { collector, clock } = this.#settings
    const state = new Map(this.#state)
    const effects = restart(collector, state, { what: 'collector', at: this.#crashedAt }, clock.now())
    this.#crashedAt = undefined
    this.#closed = false
    this.#state = state
    this.#startedAt = clock.now()
    this.#begin()
    for (const effect of effects) this.#perform(effect)
  }

  /** The gauge of a connector before anything has happened. */
  announce(connector: string): void {
    this.#perform({ do: 'level', connector, level: 0 })
  }

  /** A sender's request; undefined when no pipeline takes its signal. */
  receive(from: ReceiverLabels, entry: string, payload: Payload): Promise<Answer> | undefined {
    if (!this.#settings.collector.entries.has(entry)) return undefined
    const batch = toBatch(payload, readItems(payload).length)
    const node = this.#settings.collector.entries.get(entry) as string
    return new Promise(resolve => {
      const answer = (result: Result) => {
        const outcome = result.ok ? 'accepted' : 'refused'
        this.#counters.add(`otelcol_receiver_${outcome}_${UNITS[payload.signal]}`, { ...from }, batch.items)
        resolve(result.ok ? { status: 200 } : answerOf(result))
      }
      this.#dispatch({ on: 'arrival', entry: node, batch, request: answer })
    })
  }

  samples(): Sample[] {
    const uptime = (this.#settings.clock.now() - this.#startedAt) / 1000
    return [...this.#counters.samples(), { name: 'otelcol_process_uptime', labels: {}, value: uptime }]
  }

  /** Attempts that are still out come back to a closed gateway and change nothing. */
  close(): void {
    this.#closed = true
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }

  #dispatch(event: CollectorEvent): void {
    if (this.#closed) return
    const { state, effects } = step(this.#settings.collector, this.#state, event, this.#settings.clock.now())
    this.#state = state
    for (const effect of effects) this.#perform(effect)
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case 'reply':
        ;(effect.request as (result: Result) => void)(effect.result)
        break
      case 'wake':
        this.#wake(effect.at, () => this.#dispatch({ on: 'wake', node: effect.node, timer: effect.timer }))
        break
      case 'attempt':
        void this.#attempt(effect)
        break
      case 'dial':
        void this.#dial(effect)
        break
      case 'measure':
        this.#dispatch({ on: 'measured', node: effect.node, bytes: memoryUse(this.#settings.collector, this.#state) })
        break
      default:
        this.#observe(effect)
    }
  }

  async #attempt({ exporter, task, timeoutMs }: Effect & { do: 'attempt' }): Promise<void> {
    const life = this.#life
    const result = await this.#outlet(exporter).attempt(task.batch, timeoutMs)
    if (life === this.#life) this.#dispatch({ on: 'answer', task, result })
  }

  async #dial({ node, exporter, timeoutMs }: Effect & { do: 'dial' }): Promise<void> {
    const life = this.#life
    const ok = await this.#outlet(exporter).dial(timeoutMs)
    if (life === this.#life) this.#dispatch({ on: 'dialed', node, ok })
  }

  #observe(seen: Observation): void {
    switch (seen.do) {
      case 'level':
        this.#counters.set('otelcol_connector_failover_active_level', { connector: seen.connector }, seen.level)
        break
      case 'queue':
        this.#counters.set('otelcol_exporter_queue_size', { data_type: seen.signal, exporter: seen.owner }, seen.size)
        break
      case 'began':
        this.#inFlight(seen.exporter, seen.batch, 1)
        break
      case 'sent':
        this.#inFlight(seen.exporter, seen.batch, -1)
        this.#count('sent', seen.exporter, seen.batch)
        break
      case 'failed':
        this.#inFlight(seen.exporter, seen.batch, -1)
        this.#count('send_failed', seen.exporter, seen.batch)
        break
      case 'dropped':
        this.#counters.add('failoverctl_lab_dropped_items', { by: seen.by }, seen.batch.items)
    }
  }

  #wake(at: number, task: () => void): void {
    const cancel = this.#settings.clock.timer(at - this.#settings.clock.now(), () => {
      this.#timers.delete(cancel)
      task()
    })
    this.#timers.add(cancel)
  }

  #outlet(exporter: string): Outlet {
    return this.#settings.outlets.get(exporter) as Outlet
  }

  #count(what: string, exporter: string, batch: Batch): void {
    const labels = { exporter, ...this.#settings.labels.get(exporter) }
    this.#counters.add(`otelcol_exporter_${what}_${UNITS[signalOf(batch)]}`, labels, batch.items)
  }

  #inFlight(exporter: string, batch: Batch, by: 1 | -1): void {
    this.#counters.add('otelcol_exporter_in_flight_requests', { data_type: signalOf(batch), exporter }, by)
  }
}

/**
 * What the otlp receiver tells its sender (core 0.161, measured): the code and the delay of a backend that spoke gRPC as they came,
 * without gRPC's own prefix to the words, unless the error is permanent.
 */
function answerOf({ error, permanent, status, code, retryAfterMs }: Failure): Answer {
  const message = permanent ? `Permanent error: ${error}` : error.replace(/^rpc error: code = \w+ desc = /, '')
  return {
    status: status ?? (permanent ? 400 : 503),
    message,
    ...(code === undefined ? {} : { code }),
    ...(code === undefined || retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}
