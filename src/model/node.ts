/**
 * The parts from which the model of a collector is built. A node is a pure function of
 * (state, event, now): it performs nothing and answers with actions. Whoever drives it
 * (`lab` on real sockets, `simulate` on virtual time) does what they say and reports back.
 */

/** Telemetry on its way. `parts` is the driver's own payload; the model only counts. */
export interface Batch {
  /** Batches of different kinds (signal, encoding) are never joined. */
  readonly kind: string
  /** Spans, data points or log records. */
  readonly items: number
  readonly bytes: number
  readonly parts: readonly unknown[]
}

export type Result = { readonly ok: true } | Failure

export interface Failure {
  readonly ok: false
  readonly error: string
  /** Sending it again cannot help (HTTP 400, a gRPC status that OTLP calls final). */
  readonly permanent: boolean
  readonly retryAfterMs?: number
  /** The peer was never reached: only then does a gRPC channel begin to back off. */
  readonly notSent?: boolean
  /** Whoever waits for the answer has given up: trying again is pointless. */
  readonly cancelled?: boolean
  /** The HTTP status that a receiver gives its sender for this failure, where it is not 503 (or 400 for a permanent one). */
  readonly status?: number
  /** The gRPC code in which a backend said so: a receiver passes it on, with `retryAfterMs`. */
  readonly code?: number
}

export const OK: Result = { ok: true }

/** One call through the collector: what it carries, and who waits for its result. */
export interface Task {
  readonly batch: Batch
  readonly caller: Caller | undefined
  /** When the one who waits for the answer gives up: from then on nothing is tried for it. Queues and batchers send on their own time. */
  readonly deadline?: number | undefined
}

export interface Caller {
  readonly node: string
  /** What the caller needs to go on when the result comes. */
  readonly frame: unknown
  readonly caller: Caller | undefined
}

export type Action =
  /** Hand the task to another node. */
  | { readonly do: 'call'; readonly node: string; readonly task: Task }
  /** Answer the task's caller. */
  | { readonly do: 'return'; readonly task: Task; readonly result: Result }
  | Effect

/** What only the driver can do. */
export type Effect =
  /** Send the batch; answer with an `answer` event within `timeoutMs`. */
  | { readonly do: 'attempt'; readonly exporter: string; readonly task: Task; readonly timeoutMs: number | undefined }
  /** Try to open a connection; answer with a `dialed` event. */
  | { readonly do: 'dial'; readonly node: string; readonly exporter: string; readonly timeoutMs: number }
  /** Come back with a `wake` event at `at`, on the clock that hands in `now`. */
  | { readonly do: 'wake'; readonly node: string; readonly at: number; readonly timer: unknown }
  /** Answer with a `measured` event: how much memory the collector uses. */
  | { readonly do: 'measure'; readonly node: string }
  /** The sender's request has its answer. */
  | { readonly do: 'reply'; readonly request: unknown; readonly result: Result }
  | Observation

/** What a collector would count or log; nothing depends on it. */
export type Observation =
  | { readonly do: 'level'; readonly connector: string; readonly level: number }
  /** A batch has come to the exporter (or the connector) and stays until it is `sent` or `failed`. */
  | { readonly do: 'began'; readonly exporter: string; readonly batch: Batch }
  | { readonly do: 'sent'; readonly exporter: string; readonly batch: Batch }
  /** A send that the exporter (or the connector's queue) gave up on. */
  | { readonly do: 'failed'; readonly exporter: string; readonly batch: Batch; readonly error: string }
  /** Acknowledged data that is gone. */
  | { readonly do: 'dropped'; readonly by: string; readonly batch: Batch; readonly error: string }
  | { readonly do: 'queue'; readonly owner: string; readonly signal: string; readonly size: number }

export interface Turn<State> {
  readonly state: State
  readonly actions: readonly Action[]
}

export interface Node<State = unknown, Frame = unknown> {
  readonly id: string
  readonly start: State
  /** The node has a timer that never stands still: it behaves alike only after whole multiples of so many milliseconds. */
  readonly period?: number | undefined
  consume(state: State, task: Task, now: number): Turn<State>
  /** A call that this node made with `frame` has come back. `task` is the one that it was given. */
  resume?(state: State, task: Task, frame: Frame, result: Result, now: number): Turn<State>
  wake?(state: State, timer: never, now: number): Turn<State>
  dialed?(state: State, ok: boolean, now: number): Turn<State>
  measured?(state: State, bytes: number, now: number): Turn<State>
  /** Data that its sender thinks delivered and that is nowhere but here. */
  holds?(state: State): readonly Batch[]
  /** What is left after the collector died, with `dropped` for what memory held; a node without it starts anew. */
  restart?(state: State, crash: Crash, now: number): Turn<State>
}

/** The error of what is dropped because only memory had it. */
export const CRASHED = 'the collector died'

/** How a collector died: its process alone, or the whole machine with what was not yet written to disk. */
export interface Crash {
  readonly what: 'collector' | 'machine'
  readonly at: number
}

/** The call of a child, with what this node wants to know when it comes back. */
export const call = (node: string, task: Task, self: string, frame: unknown): Action => ({
  do: 'call',
  node,
  task: { ...task, caller: { node: self, frame, caller: task.caller } },
})
export const giveBack = (task: Task, result: Result): Action => ({ do: 'return', task, result })
