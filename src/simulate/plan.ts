import type { Failover, Graph } from '../collector/graph.ts'
import { formatDuration } from '../core/duration.ts'
import { FailoverctlError } from '../core/errors.ts'
import { checkTimes } from '../experiment/check-times.ts'
import type { Wish, WishedFault } from '../experiment/wish.ts'
import { buildCollector } from '../model/build.ts'
import type { RetrySettings } from '../model/retry.ts'
import { allowedTimes } from '../outage/allowed-times.ts'
import { backendsCalled, type Named } from '../outage/backend-names.ts'
import { groupByBackend } from '../outage/backends.ts'
import { exportersOf } from '../outage/expected-level.ts'
import type { Crash, Fault, FaultKind, Scenario } from './scenario.ts'

export interface Plan {
  readonly scenario: Scenario
  /** The connector that is watched. */
  readonly failover: Failover
}

const MINUTE = 60_000
const DEFAULT_AT_MS = MINUTE
const DEFAULT_LENGTH_MS = 5 * MINUTE
const RESTART_MS = 1000
const DEFAULTS = { traffic: 500, spanBytes: 600, drainWithinMs: MINUTE, senderTimeoutMs: 10_000, latencyMs: 1 }

/** Up to so many requests a second a sender sends small ones; then they grow, to what an SDK puts into one at most. */
const REQUESTS_PER_SECOND = 25
const LARGEST_REQUEST = 512

/** Holds a wish against a config: every name resolved, everything left open decided. Throws `wrong-use` and `unknown-backend`. */
export function planScenario(wish: Wish, graph: Graph, seed: number): Plan {
  const backends = groupByBackend(buildCollector(graph, 0).exporters).map(({ name, exporters }) => ({
    name,
    exporters: exporters.map(({ id }) => id),
  }))
  const rate = wish.traffic ?? DEFAULTS.traffic
  if (!(rate > 0))
    throw new FailoverctlError(
      'wrong-use',
      `traffic of ${rate} spans/s: without traffic no level ever changes`,
      'Say how much there is: --traffic 500/s',
    )
  const faults = wish.faults.filter(({ action }) => action !== 'crash').flatMap(fault => windowsOf(fault, backends, graph))
  const crashes = wish.faults.filter(({ action }) => action === 'crash').map(crashOf)
  const failover = watched(graph, backends, faults)
  const allowed = allowedTimes(graph, failover)
  const durationMs = wish.durationMs ?? lengthFor(faults, crashes, allowed.recoverWithinMs)
  checkInside([...faults, ...crashes.map(crash => ({ ...crash, said: `crash at ${formatDuration(crash.atMs)}` }))], durationMs)
  checkOverlaps(faults)
  checkCrashes(crashes)
  const scenario: Scenario = {
    faults: faults.map(({ said: _, ...fault }) => fault),
    crashes: crashes.toSorted((a, b) => a.atMs - b.atMs),
    rate,
    spansPerRequest: wish.spansPerRequest ?? Math.min(LARGEST_REQUEST, Math.max(1, Math.round(rate / REQUESTS_PER_SECOND))),
    spanBytes: wish.spanBytes ?? DEFAULTS.spanBytes,
    durationMs,
    drainWithinMs: wish.drainWithinMs ?? DEFAULTS.drainWithinMs,
    senderRetry: wish.senderRetryMs === undefined ? undefined : senderRetry(wish.senderRetryMs),
    senderTimeoutMs: wish.senderTimeoutMs ?? DEFAULTS.senderTimeoutMs,
    latencyMs: DEFAULTS.latencyMs,
    seed: wish.seed ?? seed,
    runs: wish.runs ?? 1,
    failoverWithinMs: wish.failoverWithinMs ?? allowed.failoverWithinMs,
    recoverWithinMs: wish.recoverWithinMs ?? allowed.recoverWithinMs,
    maxLost: wish.maxLost ?? 0,
  }
  return { scenario, failover }
}

/** A sender that tries again does it as a collector does (configretry's defaults). */
const senderRetry = (maxElapsedMs: number): RetrySettings => ({
  initialMs: 5000,
  maxMs: 30_000,
  maxElapsedMs,
  multiplier: 1.5,
  randomization: 0.5,
})

interface SaidFault extends Fault {
  readonly said: string
}

/** What can be computed; the rest needs a real system. */
const KINDS: Readonly<Partial<Record<WishedFault['action'], FaultKind>>> = {
  stop: 'stop',
  pause: 'pause',
  partition: 'partition',
  latency: 'latency',
  reject: 'answer',
  'disk-full': 'disk-full',
  flap: 'stop',
}

function windowsOf(wished: WishedFault, backends: readonly Named[], graph: Graph): SaidFault[] {
  const { action, who, said, status, latencyMs, atMs = DEFAULT_AT_MS } = wished
  const { untilMs = atMs + (wished.lastsMs ?? DEFAULT_LENGTH_MS) } = wished
  checkTimes({ ...wished, atMs, untilMs })
  const names = backendsCalled(who, backends, graph.failovers).map(({ name }) => name)
  const kind = KINDS[action]
  if (!kind)
    throw new FailoverctlError(
      'wrong-use',
      `${said} cannot be computed`,
      `simulate knows ${Object.keys(KINDS).join(', ')} and crash; failoverctl chaos does the others.`,
    )
  const extra = { ...(status === undefined ? {} : { status }), ...(latencyMs === undefined ? {} : { latencyMs }) }
  const windows = action === 'flap' ? flaps(wished, atMs, untilMs) : [{ atMs, untilMs }]
  return names.flatMap(backend => windows.map(window => ({ kind, backend, said, ...window, ...extra })))
}

const MOST_FLAPS = 100_000

function flaps({ said, downMs = 0, upMs = 0 }: WishedFault, atMs: number, untilMs: number): { atMs: number; untilMs: number }[] {
  if (untilMs === Number.POSITIVE_INFINITY)
    throw new FailoverctlError('wrong-use', `${said} has no end`, 'Example: --flap primary=30s/30s@60s..10m')
  const count = Math.ceil((untilMs - atMs) / (downMs + upMs))
  if (count > MOST_FLAPS)
    throw new FailoverctlError('wrong-use', `${said} is down ${count} times, which is more than ${MOST_FLAPS}`)
  return Array.from({ length: count }, (_, index) => {
    const from = atMs + index * (downMs + upMs)
    return { atMs: from, untilMs: Math.min(untilMs, from + downMs) }
  })
}

function crashOf(wished: WishedFault): Crash {
  const { who, said, atMs = DEFAULT_AT_MS, downMs = RESTART_MS } = wished
  if (who !== 'collector' && who !== 'machine')
    throw new FailoverctlError(
      'wrong-use',
      `${said}: what crashes is the collector or its machine`,
      'Example: --crash collector@5m',
    )
  checkTimes(wished)
  return { what: who, atMs, downMs }
}

/** The connector whose level 0 the faults touch; else the first that data reaches. */
function watched(graph: Graph, backends: readonly Named[], faults: readonly Fault[]): Failover {
  const failed = new Set(
    backends.filter(({ name }) => faults.some(({ backend }) => backend === name)).flatMap(({ exporters }) => exporters),
  )
  const fed = graph.failovers.filter(({ sources }) => sources.length > 0)
  const inOrder = [...fed].sort((a, b) => signalRank(a) - signalRank(b))
  const touched = inOrder.find(({ levels }) => levels[0] && exportersOf(levels[0]).some(id => failed.has(id)))
  const found = touched ?? inOrder[0]
  if (found) return found
  throw new FailoverctlError(
    'not-embedded',
    'no pipeline feeds a failover connector',
    'Let a pipeline with a receiver export to it.',
  )
}

const SIGNALS = ['traces', 'metrics', 'logs']
const signalRank = ({ sources }: Failover) => SIGNALS.indexOf(sources[0]?.signal ?? '')

/** Long enough after the last fault to see the recovery, and how long it takes when it takes longer than it may. */
function lengthFor(faults: readonly Fault[], crashes: readonly Crash[], recoverWithinMs: number): number {
  const ends = [
    ...faults.map(({ atMs, untilMs }) => (untilMs === Number.POSITIVE_INFINITY ? atMs : untilMs)),
    ...crashes.map(({ atMs, downMs }) => atMs + downMs),
  ]
  const last = Math.max(DEFAULT_AT_MS, ...ends)
  return last + Math.max(2 * MINUTE, 2 * recoverWithinMs)
}

function checkInside(faults: readonly { readonly atMs: number; readonly said: string }[], durationMs: number): void {
  const late = faults.find(({ atMs }) => atMs >= durationMs)
  if (late)
    throw new FailoverctlError(
      'wrong-use',
      `${late.said} begins when the traffic is over (${formatDuration(durationMs)})`,
      'Make the run longer: --duration',
    )
}

function checkOverlaps(faults: readonly SaidFault[]): void {
  for (const [backend, own] of byBackend(faults)) {
    const inOrder = own.toSorted((a, b) => a.atMs - b.atMs)
    for (const [index, fault] of inOrder.entries()) {
      const before = inOrder[index - 1]
      if (!before || before.untilMs <= fault.atMs) continue
      throw new FailoverctlError(
        'wrong-use',
        `${before.said} and ${fault.said} overlap: ${backend} can fail in one way at a time`,
        `The first ends ${formatDuration(before.untilMs)} after the start of traffic, the second begins at ${formatDuration(fault.atMs)}.`,
      )
    }
  }
}

function byBackend(faults: readonly SaidFault[]): Map<string, SaidFault[]> {
  const found = new Map<string, SaidFault[]>()
  for (const fault of faults) {
    const own = found.get(fault.backend)
    if (own) own.push(fault)
    else found.set(fault.backend, [fault])
  }
  return found
}

function checkCrashes(crashes: readonly Crash[]): void {
  const inOrder = crashes.toSorted((a, b) => a.atMs - b.atMs)
  for (const [index, { atMs }] of inOrder.entries()) {
    const before = inOrder[index - 1]
    if (before && before.atMs + before.downMs >= atMs)
      throw new FailoverctlError(
        'wrong-use',
        `the crash at ${formatDuration(atMs)} comes before the collector is up again`,
        'Let the first be over: --crash collector@5m+30s',
      )
  }
}
