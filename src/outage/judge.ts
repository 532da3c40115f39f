import { formatDuration } from '../core/duration.ts'
import type { Cause, Check, Outcome } from '../model/outcome.ts'
import type { Finding } from '../validate/check.ts'
import { checksOf, NOTHING_SHOWN, whereInstead } from './checks.ts'
import { lossReason } from './loss-checks.ts'
import type { Expectation, Measured, Transition } from './measured.ts'

/** Which run it was, whatever came of it. */
export interface RunIdentity {
  readonly target: string
  readonly config: string
  readonly collector_version: string
  readonly seed: number
  readonly run: string
  readonly notes: readonly string[]
  readonly backends: Outcome['backends']
}

type Verdict = Pick<Outcome, 'verdict' | 'reason'>

/** What was measured, with a verdict and what the config says about its reason. */
export function judge(measured: Measured, expected: Expectation, findings: readonly Finding[], identity: RunIdentity): Outcome {
  const { failover, recovery, ledger } = measured
  const checks = checksOf(measured, expected)
  const { verdict, reason } = verdictOf(measured, expected, checks)
  const moved = failover?.reached === true && recovery?.reached !== false
  const [gone] = measured.endedBesides ?? []
  // A backend that is gone explains what the config cannot.
  const possible = lastLevelFailed(measured, identity) ? findings : findings.filter(({ rule }) => !OF_LAST_LEVEL.has(rule))
  const causes = verdict === 'held' || gone !== undefined ? [] : causesOf(possible, ledger.lost, moved)
  return {
    ...identity,
    notes: [...identity.notes, ...(measured.notes ?? [])],
    verdict,
    reason: verdict !== 'held' && gone !== undefined ? `${gone}: ${reason}` : withCause(reason, causes),
    levels: measured.levels,
    faults: measured.faults,
    ...(measured.events && { events: measured.events }),
    failover_time_s: failover?.time_s ?? null,
    recovery_time_s: recovery?.time_s ?? null,
    failover_interval_s: failover?.interval_s ?? null,
    recovery_interval_s: recovery?.interval_s ?? null,
    ledger,
    checks,
    causes,
  }
}

/** The outcome for a config that no collector of the version starts with, or that has nothing to fail over: nothing is measured. */
export function refusedOutcome(findings: readonly Finding[], identity: RunIdentity): Outcome {
  const refusals = findings.filter(({ kind, severity }) => kind === 'refused' && severity === 'error')
  const concerned = refusals.length > 0 ? findings : findings.filter(({ rule }) => ENDS_AT_ONCE.has(rule))
  const reason =
    refusals.length > 0
      ? refusedReason(refusals, findings, identity)
      : `this config cannot fail over: ${concerned.map(cited).join('; ')}`
  return {
    ...identity,
    verdict: 'deviated',
    reason,
    levels: [],
    faults: [],
    failover_time_s: null,
    recovery_time_s: null,
    failover_interval_s: null,
    recovery_interval_s: null,
    ledger: {
      sent: 0,
      acknowledged: 0,
      refused: 0,
      unknown: 0,
      delivered: {},
      lost: 0,
      duplicated: 0,
      queued: 0,
      lost_ranges: [],
    },
    checks: [
      {
        name: 'config',
        result: 'deviated',
        expected: `collector ${identity.collector_version} starts with it, and has something to fail over`,
        observed: reason,
        evidence: 'the config',
        at_s: null,
        took_s: null,
      },
    ],
    causes: refusals.length > 0 ? causesOf(concerned, 0, false) : concerned.map(finding => causeOf(finding, 0)),
  }
}

/** A collector starts with these, and then there is nothing to fail over, or it panics. */
export const ENDS_AT_ONCE: ReadonlySet<string> = new Set(['no-failover-connector', 'connector-queue-with-storage'])

function refusedReason(
  [first, ...others]: readonly Finding[],
  findings: readonly Finding[],
  { collector_version }: RunIdentity,
): string {
  const more = others.length > 0 ? ` (and ${others.length} more)` : ''
  const placebos = findings.filter(({ kind, severity }) => kind === 'placebo' && severity !== 'info')
  const placebo = placebos.find(({ severity }) => severity === 'error') ?? placebos[0]
  const start = `collector ${collector_version} does not start with this config: ${first ? cited(first) : ''}${more}`
  return placebo ? `${start}; where it starts, it still does not fail over as meant: ${cited(placebo)}` : start
}

function verdictOf(measured: Measured, allowed: Expectation, checks: readonly Check[]): Verdict {
  if (measured.aborted !== undefined) return { verdict: 'deviated', reason: `ended before its time: ${measured.aborted}` }
  // What is certain counts before what is not.
  const failed = checks.find(({ result }) => result === 'deviated') ?? checks.find(({ result }) => result === 'unknown')
  if (failed) {
    const isTime = failed.took_s !== null
    const reason = isTime || measured.checks?.includes(failed) ? probed(failed) : whyNot(measured, allowed)
    return { verdict: failed.result === 'unknown' ? 'unknown' : 'deviated', reason }
  }
  const { failover, recovery, ledger } = measured
  const path = [0, ...[failover, recovery].flatMap(transition => transition?.expected ?? [])]
    .filter((level, index, all) => level !== all[index - 1])
    .join(' → ')
  return { verdict: 'held', reason: `level ${path}, ${ledger.lost === 0 ? 'nothing lost' : `${ledger.lost} lost, as allowed`}` }
}

const probed = ({ name, observed, expected }: Check) => `${name}: ${observed}, expected ${expected}`

/** The first check that failed, as a sentence. */
function whyNot({ steady, failover, recovery, ledger, levels }: Measured, allowed: Expectation): string {
  if (!steady && levels.length === 0) return NOTHING_SHOWN
  if (!steady) return 'the steady state did not hold before any fault: spans do not arrive at level 0'
  if (failover && !failover.reached) return missed('no failover', failover, allowed.failoverWithinMs)
  if (recovery && !recovery.reached) return missed('no recovery', recovery, allowed.recoverWithinMs)
  return lossReason(ledger, allowed)
}

const missed = (what: string, transition: Transition, withinMs: number): string =>
  `${what} within ${formatDuration(withinMs)}: ${whereInstead(transition)}, expected level ${transition.expected}`

const cited = ({ rule, at, message }: Finding): string => `${rule} (${at.file}:${at.line}): ${message}`

function withCause(reason: string, [cause]: readonly Cause[]): string {
  return cause ? `${reason}, because ${cause.rule} (${cause.file}:${cause.line}): ${cause.what}` : reason
}

/**
 * What the config says about a deviation, most likely first. That data may get lost is a cause only where some was,
 * and the first one only where the levels moved as they should.
 */
function causesOf(findings: readonly Finding[], lost: number, moved: boolean): Cause[] {
  const loses = ({ kind, rule }: Finding) => kind === 'loss' || ACKNOWLEDGES.has(rule)
  const likely = (finding: Finding) =>
    (moved && loses(finding) ? 4 : 0) + (finding.kind === 'placebo' ? 2 : 0) + (finding.severity === 'error' ? 1 : 0)
  return findings
    .filter(({ kind, severity }) => (kind === 'loss' ? lost > 0 : kind !== 'advice' && severity !== 'info'))
    .toSorted((a, b) => likely(b) - likely(a))
    .map(finding => causeOf(finding, loses(finding) ? lost : 0))
}

const causeOf = ({ message, rule, at }: Finding, count: number): Cause => ({
  what: message,
  count,
  rule,
  file: at.file,
  line: at.line,
})

/** What they warn of comes true only while nothing behind the last level takes data. */
const OF_LAST_LEVEL: ReadonlySet<string> = new Set(['last-level-remote'])

function lastLevelFailed({ faults, levels }: Measured, { backends }: RunIdentity): boolean {
  const last = Math.max(...backends.map(({ level }) => level ?? -1))
  const failed = new Set(faults.map(({ backend }) => backend))
  return levels.some(({ level }) => level < 0) || backends.some(({ name, level }) => level === last && failed.has(name))
}

/** Placebos that lose data, too: they say "accepted" and drop on error. */
const ACKNOWLEDGES: ReadonlySet<string> = new Set(['batch-hides-errors'])
