import { Assessing } from '../chaos/assessing.ts'
import type { Observer } from '../chaos/events.ts'
import type { RunResult } from '../chaos/journal/record.ts'
import { type Plan, plan } from '../chaos/plan.ts'
import { preflight, type ReadyFault } from '../chaos/preflight.ts'
import { probeObserver } from '../chaos/probes/observer.ts'
import { Programs } from '../chaos/programs.ts'
import { runExperiment } from '../chaos/run.ts'
import type { Target } from '../chaos/target.ts'
import type { Graph } from '../collector/graph.ts'
import type { Host } from '../core/host.ts'
import type { Figures } from '../experiment/figures.ts'
import type { Check } from '../model/outcome.ts'
import { newRun } from '../otlp/identity.ts'
import { levelOf } from '../outage/expected-level.ts'
import { judge, type RunIdentity } from '../outage/judge.ts'
import { ruleFindings } from '../validate/check.ts'
import type { ChaosOptions } from './chaos.ts'
import { trafficText } from './chaos-announce.ts'
import { journaled } from './chaos-journal.ts'
import { progressLine } from './chaos-progress.ts'
import type { ChaosSettings } from './chaos-settings.ts'
import { TARGETS } from './chaos-target.ts'

/** One experiment against one target, with every name resolved and everything looked at. */
export interface Ready {
  readonly plan: Plan
  readonly target: Target
  /** undefined where --no-preflight was given. */
  readonly faults: readonly ReadyFault[] | undefined
  readonly run: string
  readonly probes: Observer
}

/** Opens the target, hands it over when all that can be known before is as it should be, and closes it on every way out. */
export async function withTarget<T>(
  settings: ChaosSettings,
  options: ChaosOptions,
  graph: Graph,
  host: Host,
  task: (ready: Ready) => Promise<T>,
): Promise<T> {
  const run = newRun(host.random)
  const { allowRootVolume, allowOwnWay } = options
  const target = await TARGETS[settings.kind].open(
    {
      graph,
      run,
      config: settings.config,
      seed: settings.rest.seed,
      project: settings.project,
      allowed: { rootVolume: allowRootVolume, ownWay: allowOwnWay },
      containers: options,
    },
    host,
  )
  const known = target.graph ?? graph
  try {
    const planned = plan(settings.wish, settings.rest, known, target)
    const { failover, experiment } = planned
    const probes = probeObserver(settings.probes, settings.abortOn, {
      host,
      target,
      graph: known,
      failover,
      rate: experiment.rate,
    })
    const faults = options.preflight ? await preflight(planned, known, target, host.clock) : undefined
    return await task({ plan: planned, target, faults, run, probes })
  } finally {
    await target.close()
  }
}

export interface OneRun {
  readonly result: RunResult
  readonly figures: Figures
  /** What probes, claims and programs say. */
  readonly asked: readonly Check[]
  /** It was ended before its time, by its own rules. */
  readonly aborted: boolean
}

/** Runs it once. The figures are what `--runs` and claims over several runs are made of. */
export async function runOnce(
  { plan: planned, target, run, probes }: Ready,
  settings: ChaosSettings,
  options: ChaosOptions,
  graph: Graph,
  told: RunIdentity,
  host: Host,
): Promise<OneRun> {
  const { failover, experiment } = planned
  const progress = options.quiet ? undefined : progressLine(host)
  // What is claimed over several runs says nothing about each.
  const assessing = new Assessing(settings.runs > 1 ? [] : settings.claims, experiment, failover !== undefined)
  const programs = new Programs(settings.programs, run, await host.processes.self(), host)
  const identity = { ...told, run, seed: experiment.seed }
  const backends = target.backends.map(({ name, exporters }) => ({
    name,
    level: failover ? levelOf(failover, exporters) : null,
  }))
  // What the config says about this connector alone: others may have troubles of their own.
  const concerned = failover && !target.graph ? ruleFindings({ ...graph, failovers: [failover] }) : []
  let aborted = false
  let asked: readonly Check[] = []
  try {
    const result = await journaled(options, identity, experiment, host, async journals => {
      const observers = [...(progress ? [progress] : []), probes, programs, assessing, ...journals]
      const measured = await runExperiment(planned, run, target, host, observers)
      progress?.stop()
      aborted = measured.aborted !== undefined
      asked = measured.checks ?? []
      const outcome = judge(measured, experiment, concerned, { ...identity, notes: target.notes, backends })
      return { outcome, series: measured.series ?? null, given: [trafficText(experiment, target)] }
    })
    return { result, figures: assessing.figures(experiment.seed, result.outcome.verdict) as Figures, asked, aborted }
  } finally {
    progress?.stop()
  }
}
