import type { Failover, Graph } from '../collector/graph.ts'
import { assess, type Claim } from '../experiment/assertion.ts'
import type { Figures } from '../experiment/figures.ts'
import { spreadOf } from '../experiment/spread.ts'
import type { Outcome } from '../model/outcome.ts'
import { judge, type RunIdentity } from '../outage/judge.ts'
import type { Finding } from '../validate/check.ts'
import type { ScenarioSummary, Simulation } from './result.ts'
import { type Run, runOnce } from './run.ts'
import type { Scenario } from './scenario.ts'
import { whyOf } from './why.ts'

export interface Question {
  readonly graph: Graph
  /** The connector that is watched. */
  readonly failover: Failover
  readonly scenario: Scenario
  /** What the rules say about that connector. */
  readonly findings: readonly Finding[]
  readonly claims: readonly Claim[]
  readonly identity: Omit<RunIdentity, 'backends' | 'notes' | 'seed'>
}

const NOTHING_FAILS = 'nothing fails in this run, so it says nothing about an outage; --outage level0 makes one'

/** What the config will do in this outage: the first run in full, and the figures of all runs. */
export function simulate(question: Question): Simulation {
  const { graph, failover, scenario, findings, claims, identity } = question
  const calm = scenario.faults.length + scenario.crashes.length === 0 ? [NOTHING_FAILS] : []
  const first = runOnce(graph, failover, scenario)
  const outcomeOf = (run: Run, seed: number): Outcome =>
    judge(run.measured, scenario, findings, { ...identity, seed, notes: [...run.notes, ...calm], backends: run.places })
  const outcome = outcomeOf(first, scenario.seed)
  const runs = [figuresOf(first, outcome)]
  for (let more = 1; more < scenario.runs; more++) {
    const seed = (scenario.seed + more) % 2 ** 32
    const run = runOnce(graph, failover, { ...scenario, seed })
    runs.push(figuresOf(run, outcomeOf(run, seed)))
  }
  return {
    outcome,
    series: first.recorder.series(first.places),
    scenario: summaryOf(scenario),
    why: whyOf(first, question),
    runs,
    spread: spreadOf(runs),
    assertions: claims.map(claim => assess(claim, runs)),
  }
}

function figuresOf({ recorder }: Run, { seed, verdict, ledger, failover_time_s, recovery_time_s }: Outcome): Figures {
  const { sent, acknowledged, refused, unknown, lost, duplicated, queued } = ledger
  return {
    seed,
    verdict,
    failover_time: failover_time_s,
    recovery_time: recovery_time_s,
    sent,
    acknowledged,
    refused,
    unknown,
    lost,
    duplicated,
    queued,
    peak_queue: Math.round(recorder.peakShare() * 1e4) / 1e4,
  }
}

const summaryOf = (scenario: Scenario): ScenarioSummary => ({
  traffic: scenario.rate,
  spans_per_request: scenario.spansPerRequest,
  span_bytes: scenario.spanBytes,
  duration_s: scenario.durationMs / 1000,
  drain_within_s: scenario.drainWithinMs / 1000,
  sender_retry_s: scenario.senderRetry ? scenario.senderRetry.maxElapsedMs / 1000 : null,
  runs: scenario.runs,
})
