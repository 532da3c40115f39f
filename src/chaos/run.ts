import type { Failover } from '../collector/graph.ts'
import { type Clock, sleep } from '../core/clock.ts'
import { formatDuration } from '../core/duration.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { roundRobin } from '../otlp/choose.ts'
import { type Destination, plainDestination } from '../otlp/destination.ts'
import { emptyLedger, type SendLedger } from '../otlp/ledger.ts'
import { sendTraffic, type Traffic } from '../otlp/sender.ts'
import { countedIds } from '../otlp/synthesize/ids.ts'
import { PLAIN } from '../otlp/synthesize/shape.ts'
import { synthetic } from '../otlp/synthesize/synthetic.ts'
import { expectedLevel } from '../outage/expected-level.ts'
import type { Measured, Transition } from '../outage/measured.ts'
import { drain, holdingsOf } from './drain.ts'
import type { Experiment } from './experiment.ts'
import { Faults } from './faults.ts'
import { settle } from './ledger.ts'
import { LevelProbe, seconds } from './probes/level.ts'
import { STEPS } from './steps/index.ts'
import type { Target } from './target.ts'
import { awaitLevel } from './transition.ts'
import { UndoLog } from './undo-log.ts'

/** What a listener may want to show while it runs: told at every change, and a few times a second in between. */
export interface Progress {
  /** Seconds from the start of traffic. */
  readonly at_s: number
  /** What happened last. */
  readonly phase: string
  readonly level: number | undefined
  /** Spans. */
  readonly sent: number
  readonly acknowledged: number
}

const STEADY_LIMIT_MS = 10_000
const PROGRESS_MS = 200
const MAX_IN_FLIGHT = 256

/**
 * Runs the standard experiment: traffic on, steady state, faults, failover, hold, backends back, recovery, hold, drain, ledger.
 * Every fault is undone on every way out. Throws `interrupted` after undoing when the host is interrupted, and whatever a target throws.
 */
export async function runExperiment(
  experiment: Experiment,
  failover: Failover,
  run: string,
  target: Target,
  host: Host,
  report: (progress: Progress) => void,
): Promise<Measured> {
  checkCapabilities(experiment, target)
  const { clock, interrupted } = host
  const startedAt = clock.now()
  const faults = new Faults(target, new UndoLog(run, await host.processes.self(), host), () => seconds(clock.now() - startedAt))
  const probe = new LevelProbe(failover, target, clock)
  const watch = { failover, target, probe, clock, interrupted }
  const ledger = emptyLedger()
  let phase = 'traffic on'
  const show = () =>
    report({
      at_s: seconds(clock.now() - startedAt),
      phase,
      level: probe.level,
      sent: ledger.sent,
      acknowledged: ledger.acknowledged.size,
    })
  const tell = (text: string) => {
    phase = text
    show()
  }
  // Worth more than a line that the next one replaces.
  const shout = (text: string) => host.terminal.err(`${text}\n`)
  const stopShowing = every(PROGRESS_MS, show, clock)

  const trafficEnds = new AbortController()
  const running = Promise.all([
    sendTraffic(trafficOf(experiment, run, target, ledger), host, trafficEnds.signal),
    probe.run(experiment.scrapeIntervalMs, trafficEnds.signal),
  ])
  const endTraffic = async () => {
    trafficEnds.abort()
    await running
  }
  /** Changes something, waits for the level that should follow, and stays there a while. */
  const change = async (fromSequence: number, make: () => Promise<void>, withinMs: number): Promise<Transition> => {
    for (const backend of target.backends) backend.mark(fromSequence)
    const since = clock.now()
    await make()
    const reached = await awaitLevel(expectedLevel(failover, faults.down()), since, withinMs, watch)
    tell(describe(reached))
    await sleep(clock, experiment.holdMs, interrupted)
    return reached
  }

  try {
    for (const backend of target.backends) backend.mark(1)
    const steady = await awaitLevel(0, startedAt, STEADY_LIMIT_MS, watch)
    let [failedOver, recovered]: (Transition | undefined)[] = []
    if (steady.reached) {
      tell('steady on level 0')
      await sleep(clock, experiment.steadyMs, interrupted)
      const inject = async () => {
        for (const fault of experiment.faults) await faults.inject(fault)
        tell(experiment.faults.map(({ kind, backend }) => `${kind} ${backend}`).join(', '))
      }
      failedOver = await change(1, inject, experiment.failoverWithinMs)
      const bringBack = async () => {
        for (const name of experiment.bringBack) await faults.undo(name)
        tell(`${experiment.bringBack.join(', ')} back`)
      }
      // Spans from before may still come out of queues and buffers: only new ones show that the level is in use again.
      recovered = await change(ledger.sent + 1, bringBack, experiment.recoverWithinMs)
    }
    tell('traffic off, draining')
    await endTraffic()
    const stillQueued = await drain(experiment.drainWithinMs, target, probe, host)
    return {
      levels: probe.timeline(startedAt),
      faults: faults.windows,
      steady: steady.reached,
      failover: failedOver,
      recovery: recovered,
      ledger: settle(ledger, await holdingsOf(target), stillQueued * experiment.spansPerRequest),
    }
  } catch (error) {
    if (!interrupted.aborted) throw error
    const back = await faults.undoAll(shout)
    const undone = back.length > 0 ? `undone, back again: ${back.join(', ')}` : 'there was nothing to undo'
    throw new FailoverctlError(
      'interrupted',
      `interrupted; ${undone}; ${ledger.acknowledged.size} of ${ledger.sent} spans were acknowledged`,
    )
  } finally {
    await faults.undoAll(shout)
    await endTraffic()
    stopShowing()
  }
}

function every(ms: number, task: () => void, clock: Clock): () => void {
  let cancel = clock.timer(ms, function again() {
    task()
    cancel = clock.timer(ms, again)
  })
  return () => cancel()
}

function checkCapabilities({ faults }: Experiment, target: Target): void {
  const missing = faults.find(({ kind }) => !target.can.has(STEPS[kind].needs))
  if (missing)
    throw new FailoverctlError(
      'not-embedded',
      `${target.name} cannot ${missing.kind} a backend`,
      `It can ${[...target.can].join(', ')}.`,
    )
}

const trafficOf = ({ rate, spansPerRequest }: Experiment, run: string, target: Target, ledger: SendLedger): Traffic => ({
  lanes: [
    {
      source: synthetic({
        signal: 'traces',
        encoding: target.trafficOver === 'grpc' ? 'protobuf' : 'json',
        shape: PLAIN,
        run,
        ids: countedIds(run),
        startedAtMs: 0,
      }),
      endpoints: [destinationOf(target)],
      ledger,
    },
  ],
  rate,
  itemsPerRequest: spansPerRequest,
  connections: MAX_IN_FLIGHT,
  choice: roundRobin(1),
})

const destinationOf = ({ trafficUrl, trafficOver }: Target): Destination => {
  const plain = plainDestination('traces', trafficUrl)
  return trafficOver === 'grpc' ? { ...plain, protocol: 'grpc', url: trafficUrl } : plain
}

const describe = ({ reached, expected, level, time_s }: Transition): string =>
  reached
    ? `level ${expected}${time_s === null ? '' : ` after ${formatDuration(time_s * 1000)}`}`
    : `level ${level ?? 'unknown'}, expected ${expected}`
