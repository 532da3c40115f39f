import type { Component } from '../collector/graph.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { BuiltQueue } from '../model/build.ts'
import type { Batch } from '../model/node.ts'
import type { SimulatedBackend } from './backend.ts'
import { FileBackend } from './file-backend.ts'
import { ACKNOWLEDGED, Ledger, MOST_BACKENDS, REFUSED, UNKNOWN } from './ledger.ts'
import { Recorder } from './recorder.ts'
import type { Scenario } from './scenario.ts'

/** What memory can hold: five bytes a request. */
const MOST_REQUESTS = 50_000_000

export const ROTATED_AWAY = 'the file was deleted by its rotation'

/** The books of a run: what became of every request, as a ledger and as curves, and what lies in which file. */
export class Books {
  readonly ledger: Ledger
  readonly recorder: Recorder
  /** By the number of the backend. */
  readonly files: ReadonlyMap<number, FileBackend>
  readonly #backends: readonly SimulatedBackend[]
  readonly #spans: number

  constructor(
    backends: readonly SimulatedBackend[],
    exporters: readonly Component[],
    queues: readonly BuiltQueue[],
    scenario: Scenario,
  ) {
    const { rate, spansPerRequest, durationMs, drainWithinMs } = scenario
    const requests = Math.ceil((rate * durationMs) / 1000 / spansPerRequest)
    checkSize(requests, backends.length)
    const names = backends.map(({ name }) => name)
    // One more than there are: where the last is due is a matter of rounding.
    this.ledger = new Ledger(requests + 1, spansPerRequest, names)
    this.recorder = new Recorder(durationMs + drainWithinMs, backends.length, queues)
    this.files = new Map(
      exporters
        .filter(({ type }) => type === 'file')
        .map(exporter => [backends.findIndex(backend => backend.exporters.includes(exporter.id)), new FileBackend(exporter)]),
    )
    this.#backends = backends
    this.#spans = spansPerRequest
  }

  acknowledge(request: number, at: number): void {
    this.ledger.settle(request, ACKNOWLEDGED)
    this.recorder.count('acknowledged', at, this.#spans)
  }

  refuse(request: number, at: number): void {
    this.ledger.settle(request, REFUSED)
    this.recorder.count('refused', at, this.#spans)
  }

  leaveOpen(request: number): void {
    this.ledger.settle(request, UNKNOWN)
  }

  /** A backend has a request now. `bytes` are what it takes in a file. */
  deliver(backend: number, request: number, bytes: number, at: number): void {
    this.ledger.deliver(request, backend)
    this.recorder.deliver(backend, at, this.#spans)
    const deleted = this.files.get(backend)?.write({ from: request, to: request }, bytes, at) ?? []
    for (const { from, to } of deleted) this.#forget(backend, from, to, ROTATED_AWAY, at)
  }

  /** Acknowledged data is given up. */
  drop(by: string, batch: Batch, error: string, at: number): void {
    for (const request of batch.parts as number[])
      if (this.ledger.drop(request, { by, error })) this.recorder.count('lost', at, this.#spans)
  }

  /** The collector died at `at` and opens its files again; `gapMs` is the time between two requests. */
  reopenFiles(at: number, gapMs: number, now: number): void {
    const firstSince = (instant: number) => Math.max(0, Math.ceil(instant / gapMs))
    for (const [backend, file] of this.files)
      for (const { from, to } of file.reopen(at, firstSince)) this.#forget(backend, from, to, file.reason, now)
  }

  #forget(backend: number, from: number, to: number, error: string, at: number): void {
    const { name } = this.#backends[backend] as SimulatedBackend
    const gone = this.ledger.forget(from, to, backend, { by: name, error })
    this.recorder.count('lost', at, gone * this.#spans)
  }
}

function checkSize(requests: number, backends: number): void {
  if (backends > MOST_BACKENDS)
    throw new FailoverctlError('wrong-use', `${backends} backends are more than the ${MOST_BACKENDS} that can be told apart`)
  if (requests <= MOST_REQUESTS) return
  throw new FailoverctlError(
    'wrong-use',
    `${requests} requests are more than a run can keep apart (${MOST_REQUESTS})`,
    'Put more spans into a request (--spans-per-request), or make the run shorter.',
  )
}
