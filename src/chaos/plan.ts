import type { Failover, Graph } from '../collector/graph.ts'
import { sendingOf } from '../collector/sending.ts'
import { FailoverctlError } from '../core/errors.ts'
import { checkTimes } from '../experiment/check-times.ts'
import type { WishedFault } from '../experiment/wish.ts'
import { allowedTimes, timeoutOf } from '../outage/allowed-times.ts'
import { backendsCalled } from '../outage/backend-names.ts'
import { expectedLevel, exportersOf } from '../outage/expected-level.ts'
import type { Experiment, PlannedFault } from './experiment.ts'
import { STEPS } from './steps/index.ts'
import type { Deed, Target } from './target.ts'

/** What a person asks for, in their words; what is left open is decided from the config. Times in milliseconds. */
export interface ChaosWish {
  readonly faults: readonly WishedFault[]
  /** Names of backends that come back; undefined: all that were made to fail. */
  readonly bringBack: readonly string[] | undefined
  /** What may be made to fail, by any of its names; undefined: whatever is named. */
  readonly blastRadius?: readonly string[] | undefined
  readonly failoverWithinMs: number | undefined
  readonly recoverWithinMs: number | undefined
}

type Rest = Omit<Experiment, 'faults' | 'failoverWithinMs' | 'recoverWithinMs'>

export interface Plan {
  readonly experiment: Experiment
  /** The connector that the experiment watches; undefined where the config has none. */
  readonly failover: Failover | undefined
  /** How long senders wait for an answer of this subject. Milliseconds; 0 is for ever. */
  timeoutOf(subject: string): number
  /** The level that should take the traffic while the backends of these exporters are down; -1 when none is left. */
  expectedLevel(down: ReadonlySet<string>): number
}

/** The experiment that is meant, with every name resolved against the target. Throws `wrong-use` and `unknown-backend`. */
export function plan(
  wish: ChaosWish,
  rest: Rest,
  graph: Graph,
  target: Pick<Target, 'backends' | 'collector' | 'sharesLevels'>,
): Plan {
  const { backends, sharesLevels } = target
  for (const fault of wish.faults) checkTimes(fault)
  const named = (word: string) => subjectsCalled(word, target, graph)
  const stays = stayingDown(wish, named)
  const faults = wish.faults.flatMap(fault => named(fault.who).map(on => planned(fault, on, stays.has(on))))
  if (faults.length === 0) {
    const names = backends.map(({ name }) => name).join(', ')
    const hint = `Say what fails: --stop, --pause, --reject and others, or --experiment. The backends are ${names}.`
    throw new FailoverctlError('wrong-use', 'no fault given', hint)
  }
  checkBlastRadius(wish, faults, named)
  checkTogether(faults)
  const timeouts = new Map(
    backends.map(({ name, exporters }) => [name, Math.max(0, ...exporters.map(id => timeoutOf(graph, id)))]),
  )
  const failover = watchedConnector(graph, target, faults, name => timeouts.get(name) ?? 0)
  const allowed = allowedTimes(graph, failover)
  const kept = keptByQueues(graph, failover)
  return {
    failover,
    timeoutOf: name => timeouts.get(name) ?? 0,
    expectedLevel: down =>
      failover ? expectedLevel(failover, without(kept, down), sharesLevels) : backends.every(each => isDown(each, down)) ? -1 : 0,
    experiment: {
      ...rest,
      faults,
      failoverWithinMs: wish.failoverWithinMs ?? allowed.failoverWithinMs,
      recoverWithinMs: wish.recoverWithinMs ?? allowed.recoverWithinMs,
    },
  }
}

/** What is done to a process itself: one that is ended cannot be paused, nor ended again. */
const OF_PROCESS: ReadonlySet<Deed> = new Set(['stop', 'kill', 'pause'])

function checkTogether(faults: readonly PlannedFault[]): void {
  for (const [index, fault] of faults.entries()) {
    const other = faults.slice(0, index).find(before => before.on === fault.on && isWhile(before, fault))
    if (!other || ![fault, other].every(({ kind }) => OF_PROCESS.has(STEPS[kind].needs))) continue
    throw new FailoverctlError(
      'wrong-use',
      `${other.kind} ${other.on} and ${fault.kind} ${fault.on} at once: its process can fail in one way at a time`,
      'Leave one of them out, or give them times that do not overlap: --stop primary=5s..10s --pause primary=20s..30s',
    )
  }
}

/** A fault that has no times of its own is made with the others that have none. */
function isWhile(one: PlannedFault, other: PlannedFault): boolean {
  const [[from, to], [otherFrom, otherTo]] = [windowOf(one), windowOf(other)]
  return from < otherTo && otherFrom < to
}

const windowOf = ({ atMs, untilMs, lastsMs = 1 }: PlannedFault): readonly [from: number, to: number] => [
  atMs ?? 0,
  untilMs ?? (atMs === undefined ? Number.POSITIVE_INFINITY : atMs + lastsMs),
]

/** The exporters of a last level whose queues take everything: it stays in use while its backends are down. */
function keptByQueues(graph: Graph, failover: Failover | undefined): ReadonlySet<string> {
  const last = failover?.levels.at(-1)
  const exporters = last ? exportersOf(last) : []
  const queues = (id: string) => {
    const exporter = graph.components.exporters.get(id)
    return exporter !== undefined && sendingOf(exporter).queue?.enabled.value === true
  }
  return new Set(failover && failover.levels.length > 1 && exporters.every(queues) ? exporters : [])
}

const without = (kept: ReadonlySet<string>, down: ReadonlySet<string>) => new Set([...down].filter(id => !kept.has(id)))

const isDown = ({ exporters }: { readonly exporters: readonly string[] }, down: ReadonlySet<string>) =>
  exporters.some(id => down.has(id))

/** The words for a collector itself. */
const COLLECTOR = 'collector'

function subjectsCalled(word: string, { backends, collector }: Pick<Target, 'backends' | 'collector'>, graph: Graph): string[] {
  if (word !== COLLECTOR || backends.some(({ name }) => name === COLLECTOR))
    return backendsCalled(word, backends, graph.failovers, collector ? [COLLECTOR] : []).map(({ name }) => name)
  if (collector) return [collector.name]
  throw new FailoverctlError('not-embedded', 'the collector of this target cannot be made to fail', 'Its backends can.')
}

function planned({ action, atMs, untilMs, downMs, ...rest }: WishedFault, on: string, stays: boolean): PlannedFault {
  const { status, latencyMs, share, file, upMs, lastsMs } = rest
  const fault = {
    kind: action,
    on,
    atMs,
    untilMs: stays ? Number.POSITIVE_INFINITY : untilMs,
    ...(lastsMs !== undefined && !stays && { lastsMs }),
    status,
    latencyMs,
    share,
    file,
    upMs,
  }
  // A restart is over as soon as it is: what is ended is started again.
  const isRestart = action === 'restart' || action === 'crash'
  return isRestart && untilMs === undefined ? { ...fault, lastsMs: downMs ?? 0 } : { ...fault, downMs }
}

function stayingDown({ bringBack, faults }: ChaosWish, named: (word: string) => string[]): ReadonlySet<string> {
  if (!bringBack) return new Set()
  const back = new Set(bringBack.flatMap(named))
  return new Set(faults.flatMap(({ who }) => named(who)).filter(name => !back.has(name)))
}

function checkBlastRadius({ blastRadius }: ChaosWish, faults: readonly PlannedFault[], named: (word: string) => string[]): void {
  if (!blastRadius) return
  const allowed = new Set(blastRadius.flatMap(named))
  const outside = faults.find(({ on }) => !allowed.has(on))
  if (!outside) return
  throw new FailoverctlError(
    'wrong-use',
    `${outside.kind} ${outside.on} is outside of the blast radius (${[...allowed].join(', ')})`,
    'Leave that fault out, or add its name to the blast radius.',
  )
}

/** The connector whose levels the faults concern, among those that carry traces: the experiment sends traces. */
function watchedConnector(
  graph: Graph,
  { backends, sharesLevels }: Pick<Target, 'backends' | 'sharesLevels'>,
  faults: readonly PlannedFault[],
  timeoutOfSubject: (name: string) => number,
): Failover | undefined {
  const failing = faults.filter(fault => STEPS[fault.kind].isDown(fault, timeoutOfSubject(fault.on)))
  const names = new Set(failing.map(({ on }) => on))
  const down = new Set(backends.filter(({ name }) => names.has(name)).flatMap(({ exporters }) => exporters))
  const carrying = graph.failovers.filter(({ sources }) => sources.some(({ signal }) => signal === 'traces'))
  const concerned = carrying.find(failover => expectedLevel(failover, down, sharesLevels) !== 0)
  if (concerned) return concerned
  // A crash of the collector, an answer that is only late, or one of several that share a level concerns every connector: that nothing
  // changes is what is to be seen.
  if (carrying.length > 0 && (down.size === 0 || sharesLevels)) return carrying[0]
  if (graph.failovers.length === 0) return undefined
  throw new FailoverctlError(
    'wrong-use',
    'the fault does not touch level 0 of a failover connector that carries traces',
    'Stop a backend of level 0: --stop level0',
  )
}
