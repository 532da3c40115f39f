import { sleep } from '../core/clock.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { emptyLedger } from '../otlp/ledger.ts'
import { sendTraffic } from '../otlp/sender.ts'
import type { Measured, Transition } from '../outage/measured.ts'
import { endedByOthers } from './bystanders.ts'
import { checkCapabilities } from './capabilities.ts'
import { Counting } from './counting.ts'
import { drain, holdingsOf } from './drain.ts'
import type { Observer, RunEvent, RunView } from './events.ts'
import { Faults } from './faults.ts'
import { settle } from './ledger.ts'
import { type Moment, momentsOf } from './moments.ts'
import { Phases } from './phases.ts'
import type { Plan } from './plan.ts'
import { LevelProbe, seconds } from './probes/level.ts'
import { STEPS } from './steps/index.ts'
import type { Target } from './target.ts'
import { trafficOf } from './traffic.ts'
import { awaitLevel } from './transition.ts'
import { UndoLog } from './undo-log.ts'

const STEADY_LIMIT_MS = 10_000

/**
 * Runs an experiment: traffic on, steady state, faults and their ends, after each the level that should follow, drain, ledger.
 * Every fault is undone on every way out. Throws `interrupted` after undoing when the host is interrupted, and whatever a target throws.
 */
export async function runExperiment(
  plan: Plan,
  run: string,
  target: Target,
  host: Host,
  observers: readonly Observer[],
): Promise<Measured> {
  checkCapabilities(plan, target)
  const running = new Running(plan, run, target, host, observers, await host.processes.self())
  try {
    return await running.go()
  } catch (error) {
    if (host.interrupted.aborted) throw await running.interrupted()
    throw error
  } finally {
    await running.close()
  }
}

class Running implements RunView {
  readonly ledger = emptyLedger()
  #plan: Plan
  #run: string
  #target: Target
  #host: Host
  #observers: readonly Observer[]
  #startedAt: number
  #faults: Faults
  #probe: LevelProbe
  /** Ends the run early, after undoing. */
  #abort = new AbortController()
  #ends: AbortSignal
  #trafficEnds = new AbortController()
  #phases = new Phases()
  #counting: Counting
  #background: Promise<unknown> = Promise.resolve()
  #steady = false

  constructor(
    plan: Plan,
    run: string,
    target: Target,
    host: Host,
    observers: readonly Observer[],
    self: ConstructorParameters<typeof UndoLog>[1],
  ) {
    this.#plan = plan
    this.#run = run
    this.#target = target
    this.#host = host
    this.#observers = observers
    this.#startedAt = host.clock.now()
    this.#counting = new Counting(target, this.#phases, plan.experiment.rate, host.clock)
    const overdue = (why: string) => this.#abort.abort(why)
    this.#faults = new Faults(
      target,
      new UndoLog(run, self, host),
      host.clock,
      plan.experiment.maxFaultMs,
      () => this.now(),
      overdue,
    )
    this.#probe = new LevelProbe(plan.failover, target, host.clock, (level, evidence) =>
      this.#tell({ kind: 'level', level, evidence }),
    )
    this.#ends = AbortSignal.any([host.interrupted, this.#abort.signal, ...observers.flatMap(({ abort }) => abort ?? [])])
  }

  now = () => this.#since(this.#host.clock.now())
  #since = (at: number) => Math.max(0, seconds(at - this.#startedAt))
  get level() {
    return this.#probe.level
  }
  get sent() {
    return this.ledger.sent
  }
  get acknowledged() {
    return this.ledger.acknowledged.size
  }
  get refused() {
    return this.ledger.refused.size
  }
  get unknown() {
    return this.ledger.unknown.size
  }
  get samples() {
    return this.#probe.samples
  }
  get peakQueue() {
    return this.#probe.peakQueue
  }

  async go(): Promise<Measured> {
    const { experiment } = this.#plan
    await this.#counting.listen()
    const traffic = trafficOf(experiment, this.#run, this.#target, this.ledger, this.#counting.sending)
    this.#background = Promise.all([
      sendTraffic(traffic, this.#host, this.#trafficEnds.signal),
      this.#counting.watch(this.ledger, () => this.#probe.samples, this.#trafficEnds.signal),
      this.#probe.run(experiment.scrapeIntervalMs, this.#trafficEnds.signal),
    ])
    const transitions: Transition[] = []
    const isWhole = await this.#untilAborted(() => this.#method(transitions))
    // What is to stay down stays down for the ledger, too; a run that ends early ends as soon as it can.
    if (!isWhole) {
      await this.#faults.endAll(this.#shout)
      if (this.#phases.current === 'fault') this.#phases.begin('after', this.ledger.sent + 1)
    }
    await this.#tell({ kind: 'draining' })
    await this.#endTraffic()
    const stillQueued = await drain(experiment.drainWithinMs, this.#target, this.#probe, this.#host)
    const ledger = settle(this.ledger, await holdingsOf(this.#target), stillQueued * experiment.spansPerRequest, {
      stretches: this.#phases.stretches(this.ledger.sent),
      delivery: this.#counting.delivery,
    })
    await this.#tell({ kind: 'drained', ledger })
    const checks = this.#observers.flatMap(observer => observer.checks?.() ?? [])
    for (const check of checks) await this.#tell({ kind: 'check', check })
    const endedBesides = await endedByOthers(this.#target, this.#faults)
    const isWorse = ({ expected }: Transition) => expected !== 0
    return {
      levels: this.#probe.timeline(this.#startedAt),
      // As they are now: what is taken back after this was there to the end.
      faults: this.#faults.windows.map(window => ({ ...window })),
      notes: [...endedBesides, ...this.#probe.silences(this.#startedAt)],
      endedBesides,
      ...(this.#target.events && {
        events: this.#target.events().map(({ at, ...event }) => ({ at_s: this.#since(at), ...event })),
      }),
      steady: this.#steady,
      failover: transitions.find(isWorse),
      recovery: transitions.slice(transitions.findIndex(isWorse) + 1).at(-1),
      ledger,
      series: this.#counting.series(this.#plan.failover, ledger),
      checks,
      ...(this.#ends.aborted && { aborted: String(this.#ends.reason) }),
    }
  }

  /** What was interrupted, once all is undone. */
  async interrupted(): Promise<FailoverctlError> {
    const back = await this.#faults.endAll(this.#shout)
    const undone = back.length > 0 ? `undone, back again: ${back.join(', ')}` : 'there was nothing to undo'
    const { acknowledged, sent } = this
    return new FailoverctlError('interrupted', `interrupted; ${undone}; ${acknowledged} of ${sent} spans were acknowledged`)
  }

  async close(): Promise<void> {
    await this.#faults.endAll(this.#shout)
    await this.#endTraffic()
    for (const observer of this.#observers) {
      try {
        await observer.close?.()
      } catch (error) {
        this.#shout(error instanceof Error ? error.message : String(error))
      }
    }
  }

  /** Everything between the start of traffic and its end. */
  async #method(transitions: Transition[]): Promise<void> {
    const { steadyMs, holdMs, durationMs, faults } = this.#plan.experiment
    await this.#tell({ kind: 'traffic-on' })
    for (const backend of this.#target.backends) backend.mark(1)
    const { reached } = await this.#awaitLevel(0, this.#startedAt, this.#steadyWithinMs)
    this.#steady = reached
    await this.#tell({ kind: 'steady', reached })
    if (!reached) return
    await this.#rest(steadyMs)
    const moments = momentsOf(faults, holdMs)
    let madeAt = this.#startedAt
    for (const [index, moment] of moments.entries()) {
      if (moment.atMs !== undefined) await this.#restUntil(this.#startedAt + moment.atMs)
      if (moment.afterMs !== undefined) await this.#restUntil(madeAt + moment.afterMs)
      madeAt = this.#host.clock.now()
      const next = moments[index + 1]
      await this.#change(moment, this.#timeOf(next, madeAt), transitions)
      if (next?.atMs === undefined && next?.afterMs === undefined) await this.#rest(holdMs)
    }
    if (durationMs !== undefined) await this.#restUntil(this.#startedAt + durationMs)
  }

  #timeOf(moment: Moment | undefined, madeAt: number): number {
    if (moment?.atMs !== undefined) return this.#startedAt + moment.atMs
    return moment?.afterMs === undefined ? Number.POSITIVE_INFINITY : madeAt + moment.afterMs
  }

  /** Makes a moment happen, and waits for the level that should follow: as long as is allowed, and until the next moment at most. */
  async #change({ end, make }: Moment, until: number, transitions: Transition[]): Promise<void> {
    const before = this.#expected()
    // Spans from before may still come out of queues and buffers: only new ones show that a level is in use again.
    const fromSequence = end.length > 0 ? this.ledger.sent + 1 : 1
    for (const backend of this.#target.backends) backend.mark(fromSequence)
    const begun = this.#host.clock.now()
    let since = begun
    for (const fault of end) {
      await this.#faults.end(fault)
      await this.#tell({ kind: 'undone', fault })
    }
    // A backend is back once its undo is done: a pod takes its time to start.
    if (end.length > 0) since = this.#host.clock.now()
    if (this.#faults.active.length === 0 && end.length > 0) this.#phases.begin('after', this.ledger.sent + 1)
    if (make.length > 0) this.#phases.begin('fault', this.ledger.sent + 1)
    for (const [index, fault] of make.entries()) {
      const madeAt = await this.#faults.make(fault)
      if (index === 0 && end.length === 0) since = madeAt
      await this.#tell({ kind: 'fault', fault })
    }
    const expected = this.#expected()
    if (expected === undefined || expected === before) return
    const { failoverWithinMs, recoverWithinMs } = this.#plan.experiment
    const isBetter = before === undefined || expected === 0 || (before < 0 ? expected >= 0 : expected >= 0 && expected < before)
    // An arrival that is noticed late is waited for; whether it came in time is judged then.
    const allowedMs = (isBetter ? recoverWithinMs : failoverWithinMs) + (this.#target.noticedWithinMs ?? 0)
    const withinMs = Math.min(allowedMs, Math.max(0, until - since))
    const seen = await this.#awaitLevel(expected, since, withinMs, begun)
    const transition = !seen.reached && withinMs < allowedMs ? { ...seen, cutShort: true } : seen
    transitions.push(transition)
    await this.#tell({ kind: 'transition', transition })
  }

  /** The level that should be in use; undefined while the collector itself is down. */
  #expected(): number | undefined {
    const names = this.#downNow()
    if (this.#target.collector && names.has(this.#target.collector.name)) return undefined
    const exporters = this.#target.backends.filter(({ name }) => names.has(name)).flatMap(backend => backend.exporters)
    return this.#plan.expectedLevel(new Set(exporters))
  }

  /** The subjects that take nothing now. */
  #downNow(): ReadonlySet<string> {
    const down = this.#faults.active.filter(fault => STEPS[fault.kind].isDown(fault, this.#plan.timeoutOf(fault.on)))
    return new Set(down.map(({ on }) => on))
  }

  #awaitLevel(expected: number, since: number, withinMs: number, begun = since): Promise<Transition> {
    const { failover } = this.#plan
    const [clock, interrupted, down] = [this.#host.clock, this.#ends, this.#downNow()]
    const watch = { failover, target: this.#target, probe: this.#probe, clock, interrupted, down }
    return awaitLevel(expected, since, withinMs, watch, begun)
  }

  get #steadyWithinMs(): number {
    const { recoverWithinMs } = this.#plan.experiment
    return this.#target.mayBeginLower ? Math.max(STEADY_LIMIT_MS, recoverWithinMs) : STEADY_LIMIT_MS
  }

  #rest = (ms: number) => sleep(this.#host.clock, ms, this.#ends)
  #restUntil = (at: number) => this.#rest(Math.max(0, at - this.#host.clock.now()))

  /** False where the run was aborted, not by a person. */
  async #untilAborted(task: () => Promise<void>): Promise<boolean> {
    try {
      await task()
      return true
    } catch (error) {
      if (this.#host.interrupted.aborted || !this.#ends.aborted) throw error
      await this.#tell({ kind: 'aborted', why: String(this.#ends.reason) })
      return false
    }
  }

  async #tell(event: RunEvent extends infer E ? (E extends RunEvent ? Omit<E, 'at_s'> : never) : never): Promise<void> {
    const told = { ...event, at_s: this.now() } as RunEvent
    for (const observer of this.#observers) await observer.hear(told, this)
  }

  // Worth more than a line that the next one replaces.
  #shout = (text: string) => this.#host.terminal.err(`${text}\n`)

  async #endTraffic(): Promise<void> {
    this.#trafficEnds.abort()
    await this.#background
  }
}
