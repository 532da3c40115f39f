import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Answer, Arrival, Receive } from '../arrival.ts'

/** What a fault may use while it lasts. */
export interface Moment {
  readonly clock: Clock
  readonly random: Random
  /** Settles when the fault is over. */
  readonly over: Promise<void>
  /** Aborts when the receiver ends: nobody is to wait for anything any more. */
  readonly closing: AbortSignal
  /** Receives the request anew, with the faults of then. */
  readonly again: (arrival: Arrival) => Promise<Answer>
}

/** How a receiver misbehaves, as a wrapper around how it behaves. */
export interface Behaviour {
  readonly wrap: (next: Receive, moment: Moment) => Receive
  /** Nobody listens while it lasts, and open connections are reset. */
  readonly closesPort?: true
  /** Data is sent away or kept waiting: while it lasts, what is not here may still come. */
  readonly delays?: true
}

/** One way to misbehave. A new one is a file beside this one and a place in the list of `index.ts`. */
export interface FaultKind {
  readonly kind: string
  /** How a person writes it. */
  readonly usage: string
  /** What it does, for the help. */
  readonly what: string
  /** `value` is what stands behind the kind, `options` what follows. Throws `wrong-use`. */
  readonly read: (value: string | undefined, options: Settings) => Behaviour
}

/** The settings of one fault, as written; each is asked for by its name, and what nobody asks for is wrong. */
export interface Settings {
  take(name: string): string | undefined
}
