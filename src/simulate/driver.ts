import type { Built } from '../model/build.ts'
import { type Collector, type CollectorEvent, restart, startState, stepInPlace } from '../model/collector.ts'
import { heldBatches, memoryUse } from '../model/memory.ts'
import type { Batch, Effect, Failure, Result } from '../model/node.ts'
import { Agenda } from './agenda.ts'
import type { SimulatedBackend } from './backend.ts'
import { Books } from './books.ts'
import { Edges } from './edges.ts'
import { Quiet } from './quiet.ts'
import type { Ran, Watcher } from './ran.ts'
import type { Crash, Scenario } from './scenario.ts'
import { NO_ANSWER, Sender, type SentRequest } from './sender.ts'

export interface Setup {
  readonly built: Built
  readonly entry: string
  readonly signal: string
  /** The failover connectors. */
  readonly connectors: readonly string[]
  readonly backends: readonly SimulatedBackend[]
  readonly scenario: Scenario
  /** Computes every request, also those that repeat. */
  readonly exact: boolean
}

type Event =
  | { readonly to: 'collector'; readonly event: CollectorEvent; readonly taken?: Taken | undefined }
  | { readonly to: 'backend'; readonly taken: Taken }
  | { readonly to: 'sender'; readonly again: SentRequest }
  | { readonly to: 'restart'; readonly crash: Crash }

interface Taken {
  readonly backend: number
  readonly batch: Batch
}

const DOWN = 'the collector is down'

/** Runs the model on virtual time. Times in milliseconds from the start of traffic. */
export class Driver {
  now = 0
  readonly #scenario: Scenario
  readonly #exact: boolean
  readonly #collector: Collector
  readonly #state: Map<string, unknown>
  readonly #agenda = new Agenda<Event>()
  readonly #backends: readonly SimulatedBackend[]
  readonly #backendOf: ReadonlyMap<string, number>
  readonly #entry: string
  readonly #books: Books
  readonly #sender: Sender
  readonly #quiet: Quiet
  readonly #watcher: Watcher
  readonly #kind: string
  readonly #edges: Edges
  readonly #connectors: readonly string[]
  #isDown = false
  #crashes = 0
  #steps = 0
  #skipped = 0

  constructor({ built, entry, signal, connectors, backends, scenario, exact }: Setup, watcher: Watcher) {
    this.#scenario = scenario
    this.#exact = exact
    this.#collector = built.collector
    this.#state = startState(built.collector)
    this.#backends = backends
    this.#backendOf = new Map(backends.flatMap(({ exporters }, index) => exporters.map(id => [id, index])))
    this.#entry = built.collector.entries.get(entry) as string
    this.#kind = `${signal} protobuf`
    this.#books = new Books(backends, built.exporters, built.queues, scenario)
    this.#sender = new Sender(scenario)
    this.#quiet = new Quiet({
      collector: built.collector,
      state: this.#state,
      ledger: this.#books.ledger,
      recorder: this.#books.recorder,
      sender: this.#sender,
      agenda: this.#agenda,
      files: this.#books.files,
      requestBytes: scenario.spansPerRequest * scenario.spanBytes,
    })
    this.#watcher = watcher
    this.#connectors = connectors.filter(id => built.collector.nodes.has(id))
    this.#edges = new Edges(scenario)
  }

  run(): Ran {
    const { durationMs, drainWithinMs } = this.#scenario
    this.#until(durationMs, true)
    this.#until(durationMs + drainWithinMs, false)
    if (this.#isDown) this.#restart(this.#scenario.crashes[this.#crashes - 1] as Crash)
    const held = new Set(heldBatches(this.#collector, this.#state).flatMap(({ parts }) => parts as number[]))
    const { ledger, losses } = this.#books.ledger.summary(this.#sender.sent, held)
    return {
      ledger,
      losses,
      refusals: this.#sender.refusals,
      unanswered: this.#sender.unanswered,
      recorder: this.#books.recorder,
      steps: this.#steps,
      skipped: this.#skipped,
      endedAtMs: this.now,
    }
  }

  #until(end: number, withTraffic: boolean): void {
    for (;;) {
      const arrival = withTraffic ? this.#sender.nextAt : Number.POSITIVE_INFINITY
      const timeout = this.#sender.nextTimeoutAt
      const crash = this.#scenario.crashes[this.#crashes]?.atMs ?? Number.POSITIVE_INFINITY
      const next = Math.min(arrival, timeout, crash, this.#agenda.nextAt)
      // What is due at the end belongs to what follows; without traffic nothing follows.
      if (withTraffic ? next >= end : next > end || next === Number.POSITIVE_INFINITY) break
      this.now = next
      if (crash === next) this.#crash()
      // Who gives up at the instant of an answer does not get it.
      else if (timeout === next) this.#giveUp()
      else if (this.#agenda.nextAt === next) this.#happen(this.#agenda.take() as Event)
      else this.#arrive(end)
    }
    if (withTraffic) this.now = Math.max(this.now, end)
  }

  #arrive(end: number): void {
    const limit = Math.min(end, this.#agenda.nextAt, this.#nextEdge())
    const isCalm = !this.#exact && !this.#isDown && this.#sender.isIdle
    const skipped = isCalm ? this.#quiet.skip(this.now, limit) : 0
    if (skipped > 0) {
      this.#skipped += skipped
      return
    }
    const request = this.#sender.next(this.now)
    this.#books.ledger.send(request.index)
    this.#send(request)
  }

  #send(request: SentRequest): void {
    if (this.#isDown) {
      this.#answer(request, { ok: false, error: DOWN, permanent: false, notSent: true })
      return
    }
    const { spansPerRequest: items, spanBytes } = this.#scenario
    const batch = { kind: this.#kind, items, bytes: items * spanBytes, parts: [request.index] }
    this.#step({ on: 'arrival', entry: this.#entry, batch, request, deadline: request.deadline })
    if (!request.isDone) this.#sender.await(request)
  }

  #happen(event: Event): void {
    switch (event.to) {
      case 'collector':
        if (event.taken) this.#take(event.taken)
        this.#step(event.event)
        break
      case 'backend':
        this.#take(event.taken)
        break
      case 'sender':
        this.#send(event.again)
        break
      case 'restart':
        this.#restart(event.crash)
    }
  }

  #step(event: CollectorEvent): void {
    this.#steps++
    for (const effect of stepInPlace(this.#collector, this.#state, event, this.now)) this.#perform(effect)
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case 'reply':
        this.#answer(effect.request as SentRequest, effect.result)
        break
      case 'wake':
        this.#later(effect.at, { on: 'wake', node: effect.node, timer: effect.timer })
        break
      case 'attempt':
        this.#attempt(effect)
        break
      case 'dial': {
        const { at, ok } = this.#backend(effect.exporter).dial(this.now, effect.timeoutMs)
        this.#watcher.dialed(effect.exporter, ok, at)
        this.#later(at, { on: 'dialed', node: effect.node, ok })
        break
      }
      case 'measure':
        this.#later(this.now, { on: 'measured', node: effect.node, bytes: memoryUse(this.#collector, this.#state) })
        break
      case 'level':
        this.#quiet.disturb()
        this.#watcher.level(effect.connector, effect.level, this.now)
        break
      case 'queue':
        this.#books.recorder.queue(effect.owner, effect.signal, this.now, effect.size)
        break
      case 'dropped':
        this.#books.drop(effect.by, effect.batch, effect.error, this.now)
    }
  }

  #attempt({ exporter, task, timeoutMs }: Effect & { do: 'attempt' }): void {
    const { answerAt, failure, takenAt } = this.#backend(exporter).attempt(this.now, timeoutMs)
    const taken = { backend: this.#backendOf.get(exporter) as number, batch: task.batch }
    const together = takenAt === answerAt
    if (takenAt !== undefined && !together) this.#agenda.add(takenAt, { to: 'backend', taken })
    const event: CollectorEvent = { on: 'answer', task, result: failure ?? { ok: true } }
    if (answerAt < Number.POSITIVE_INFINITY)
      this.#agenda.add(answerAt, { to: 'collector', event, taken: together ? taken : undefined })
  }

  #take({ backend, batch }: Taken): void {
    const { name } = this.#backends[backend] as SimulatedBackend
    for (const request of batch.parts as number[]) {
      this.#books.deliver(backend, request, batch.bytes / batch.parts.length, this.now)
      this.#watcher.taken(name, request, this.now)
    }
  }

  #answer(request: SentRequest, result: Result): void {
    if (request.isDone) return
    request.isDone = true
    if (result.ok) this.#books.acknowledge(request.index, this.now)
    else if (!this.#tryAgain(request, result)) {
      this.#sender.refuse(result.error, this.#scenario.spansPerRequest)
      this.#books.refuse(request.index, this.now)
    }
  }

  /** A sender has waited for long enough. */
  #giveUp(): void {
    const request = this.#sender.timedOut()
    if (!request) return
    this.#unanswered(request, NO_ANSWER)
  }

  #unanswered(request: SentRequest, error: string): void {
    request.isDone = true
    if (this.#tryAgain(request, { ok: false, error, permanent: false })) return
    this.#sender.leaveOpen(error, this.#scenario.spansPerRequest)
    this.#books.leaveOpen(request.index)
  }

  #tryAgain(request: SentRequest, failure: Failure): boolean {
    const again = this.#sender.again(request, failure, this.now)
    if (again) this.#agenda.add(again.at, { to: 'sender', again: again.request })
    return again !== undefined
  }

  #crash(): void {
    const crash = this.#scenario.crashes[this.#crashes++] as Crash
    this.#quiet.forget()
    this.#isDown = true
    this.#agenda.keep(({ to }) => to !== 'collector')
    for (const request of this.#sender.takeAll()) this.#unanswered(request, 'connection reset')
    this.#agenda.add(this.now + crash.downMs, { to: 'restart', crash })
  }

  #restart(crash: Crash): void {
    this.#isDown = false
    const effects = restart(this.#collector, this.#state, { what: crash.what, at: crash.atMs }, this.now)
    this.#books.reopenFiles(crash.atMs, this.#sender.gapMs, this.now)
    for (const connector of this.#connectors) this.#watcher.level(connector, 0, this.now)
    for (const effect of effects) this.#perform(effect)
  }

  #later(at: number, event: CollectorEvent): void {
    this.#agenda.add(at, { to: 'collector', event })
  }

  #backend(exporter: string): SimulatedBackend {
    return this.#backends[this.#backendOf.get(exporter) as number] as SimulatedBackend
  }

  /** The first change of the world that is still to come. */
  #nextEdge(): number {
    // What was before a change says nothing about what comes after it.
    if (this.#edges.pass(this.now)) this.#quiet.forget()
    return this.#edges.next
  }
}
