import type { Graph } from '../collector/graph.ts'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { assess } from '../experiment/assertion.ts'
import type { Assertion, Figures, Measure, Spread } from '../experiment/figures.ts'
import { spreadOf } from '../experiment/spread.ts'
import { spreadText } from '../formats/figures-text.ts'
import { json } from '../formats/json.ts'
import { outcomeText } from '../formats/outcome-text.ts'
import type { Check, Outcome } from '../model/outcome.ts'
import type { RunIdentity } from '../outage/judge.ts'
import type { ChaosOptions } from './chaos.ts'
import { type OneRun, runOnce, withTarget } from './chaos-once.ts'
import { writeReports } from './chaos-reports.ts'
import type { ChaosSettings } from './chaos-settings.ts'

/** Several runs of one experiment: the outcome of the one that says most, and how the figures of all are spread. */
export interface Runs {
  /** Of the first that did not hold, or else the first; with a check for each run and each claim. */
  readonly outcome: Outcome
  readonly runs: readonly Figures[]
  readonly spread: Readonly<Record<Measure, Spread>>
  readonly assertions: readonly Assertion[]
}

/** Runs the experiment as often as is asked for, each time with a seed and a target of its own. */
export async function chaosRuns(
  settings: ChaosSettings,
  options: ChaosOptions,
  graph: Graph,
  identity: RunIdentity,
  host: Host,
): Promise<number> {
  const done: OneRun[] = []
  for (let number = 1; number <= settings.runs; number++) {
    const seed = (settings.rest.seed + number - 1) % 2 ** 32
    const own = { ...settings, rest: { ...settings.rest, seed } }
    const journal = options.journal?.replace(/(\.jsonl)?$/, `-${number}.jsonl`)
    const one = await withTarget(own, options, graph, host, ready =>
      runOnce(ready, own, { ...options, ...(journal !== undefined && { journal }) }, graph, identity, host),
    )
    done.push(one)
    const { verdict, reason } = one.result.outcome
    if (!options.quiet) host.terminal.err(`run ${number} of ${settings.runs}: ${verdict}: ${reason}\n`)
    // What ended this one would end the next.
    if (one.aborted) break
  }
  const all = together(done, settings)
  const { terminal } = host
  const paint = painterFor(terminal.colour.out)
  const asked = all.outcome.checks.slice(-(done.length + all.assertions.length))
  terminal.out(
    options.json ? json(all) : `${outcomeText(all.outcome, paint, 'chaos', undefined, asked)}\n${spreadText(all, paint)}`,
  )
  const said = done.find(({ result }) => result.outcome.run === all.outcome.run) as OneRun
  await writeReports({ ...said.result, outcome: all.outcome }, options, host, all)
  return all.outcome.verdict === 'held' ? 0 : 1
}

/** What several runs say together. */
export function together(done: readonly OneRun[], { claims, runs: wanted }: Pick<ChaosSettings, 'claims' | 'runs'>): Runs {
  const runs = done.map(({ figures }) => figures)
  const assertions = claims.map(claim => assess(claim, runs))
  const said = (done.find(({ result }) => result.outcome.verdict !== 'held') ?? (done[0] as OneRun)).result
  const each = done.map(({ result }, index) => runCheck(result.outcome, index, wanted))
  const claimed = assertions.map(claimCheck)
  const notHeld = each.filter(({ result }) => result !== 'held').length
  const broken = claimed.find(({ result }) => result === 'deviated')
  const outcome: Outcome = {
    ...said.outcome,
    verdict: said.outcome.verdict === 'held' && broken ? 'deviated' : said.outcome.verdict,
    reason:
      notHeld > 0
        ? `${notHeld} of ${done.length} runs: ${said.outcome.reason}`
        : (broken?.observed ?? `${done.length} runs: ${said.outcome.reason}`),
    checks: [...said.outcome.checks, ...each, ...claimed],
  }
  return { outcome, runs, spread: spreadOf(runs), assertions }
}

const runCheck = ({ verdict, reason, seed }: Outcome, index: number, of: number): Check => ({
  name: `run ${index + 1} of ${of}`,
  result: verdict,
  expected: 'the run holds',
  observed: reason,
  evidence: `seed ${seed}`,
  at_s: null,
  took_s: null,
})

const claimCheck = ({ text, holds, reason }: Assertion): Check => ({
  name: text,
  result: holds ? 'held' : 'deviated',
  expected: text,
  observed: reason,
  evidence: 'the figures of all runs',
  at_s: null,
  took_s: null,
})
