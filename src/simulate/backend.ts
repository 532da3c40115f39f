import type { Failure } from '../model/node.ts'
import { wireWords } from '../model/wire-words.ts'
import type { BackendPlan } from '../outage/backends.ts'
import { wireOf } from '../outage/backends.ts'
import type { Fault } from './scenario.ts'

/** What becomes of one attempt. */
export interface Fate {
  /** When its sender has the answer; Infinity: never. */
  readonly answerAt: number
  readonly failure: Failure | undefined
  /** When the backend takes the data, whatever its sender hears of it; undefined: never. */
  readonly takenAt: number | undefined
}

/** A backend as a function of time: its faults are known beforehand, so each attempt's fate is known when it is made. */
export interface SimulatedBackend {
  readonly name: string
  readonly exporters: readonly string[]
  readonly isFile: boolean
  attempt(at: number, timeoutMs: number | undefined): Fate
  /** When a dial ends, and how. */
  dial(at: number, timeoutMs: number): { readonly at: number; readonly ok: boolean }
}

export function simulatedBackend(plan: BackendPlan, faults: readonly Fault[], latencyMs: number): SimulatedBackend {
  const own = faults.filter(({ backend }) => backend === plan.name).sort((a, b) => a.atMs - b.atMs)
  const kinds = new Set(plan.exporters.map(wireOf))
  const isRemote = kinds.has('grpc') || kinds.has('http')
  const wire = kinds.has('grpc') ? 'grpc' : 'http'
  const words = wireWords(wire, `http://${plan.name}`)
  const written = (reason: string): Failure => ({ ok: false, error: `write ${plan.name}: ${reason}`, permanent: false })
  // One who looks is mostly later than the last who looked.
  let passed = 0
  const faultAt = (at: number): Fault | undefined => {
    if (passed > 0 && (own[passed - 1] as Fault).untilMs > at) passed = 0
    while (passed < own.length && (own[passed] as Fault).untilMs <= at) passed++
    const next = own[passed]
    return next && next.atMs <= at ? next : undefined
  }
  /** The stop that breaks a connection on which something is on its way; to be asked right after `faultAt(from)`. */
  const stopsBetween = (from: number, to: number): Fault | undefined => {
    const next = (own[passed]?.atMs ?? 0) > from ? own[passed] : own[passed + 1]
    return next?.kind === 'stop' && next.atMs <= to ? next : undefined
  }

  const local = (at: number): Fate => {
    const fault = faultAt(at)
    if (!fault || fault.kind === 'latency') return { answerAt: at + (fault?.latencyMs ?? 0), failure: undefined, takenAt: at }
    const reason = kinds.has('file') ? 'no space left on device' : 'the backend is down'
    return { answerAt: at, failure: written(reason), takenAt: undefined }
  }

  const remote = (at: number, timeoutMs = Number.POSITIVE_INFINITY): Fate => {
    const fault = faultAt(at)
    const late = (answerAt: number, failure: Failure | undefined, takenAt: number | undefined): Fate =>
      answerAt - at > timeoutMs ? { answerAt: at + timeoutMs, failure: words.timedOut, takenAt } : { answerAt, failure, takenAt }
    if (fault?.kind === 'stop') return { answerAt: at, failure: words.refused, takenAt: undefined }
    if (fault?.kind === 'answer') return late(at + latencyMs, words.status(fault.status ?? 503), undefined)
    if (fault?.kind === 'disk-full') return late(at + latencyMs, words.status(503), undefined)
    if (fault?.kind === 'pause' || fault?.kind === 'partition') {
      const goesOn = fault.untilMs + latencyMs
      const isGivenUp = goesOn - at > timeoutMs
      // What a client has given up on is still handled over HTTP once the server goes on; a gRPC stream was reset
      // (measured on core 0.161: SIGSTOP for 8 s, 10 of 10 duplicates over HTTP, 0 of 10 over gRPC). A partition delivers neither.
      const takes = fault.untilMs < Number.POSITIVE_INFINITY && (!isGivenUp || (wire === 'http' && fault.kind === 'pause'))
      return late(goesOn, undefined, takes ? goesOn : undefined)
    }
    const takenAt = at + latencyMs + (fault?.latencyMs ?? 0)
    const stop = stopsBetween(at, Math.min(takenAt, at + timeoutMs))
    if (stop) return { answerAt: stop.atMs, failure: words.closed, takenAt: undefined }
    return late(takenAt, undefined, takenAt)
  }

  return {
    name: plan.name,
    exporters: plan.exporters.map(({ id }) => id),
    isFile: kinds.has('file'),
    attempt: isRemote ? remote : local,
    dial(at, timeoutMs) {
      const fault = isRemote ? faultAt(at) : undefined
      if (fault?.kind === 'stop') return { at, ok: false }
      if (fault?.kind !== 'pause' && fault?.kind !== 'partition') return { at: at + latencyMs, ok: true }
      const ok = fault.untilMs <= at + timeoutMs
      return { at: ok ? fault.untilMs : at + timeoutMs, ok }
    },
  }
}
