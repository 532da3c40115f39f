import type { Version } from '../collector/versions.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { drawSeed } from '../core/random.ts'
import { parseClaim } from '../experiment/assertion.ts'
import type { Wish } from '../experiment/wish.ts'
import type { Outcome } from '../model/outcome.ts'
import { newRun } from '../otlp/identity.ts'
import { ENDS_AT_ONCE, refusedOutcome } from '../outage/judge.ts'
import { planScenario } from '../simulate/plan.ts'
import type { Simulation } from '../simulate/result.ts'
import { simulate } from '../simulate/simulate.ts'
import { checkConfig, ruleFindings } from '../validate/check.ts'
import { configName } from './config-name.ts'

/** A simulation, or the outcome of a config that no collector would start with. */
export type Computed = { readonly simulation: Simulation } | { readonly refused: Outcome }

/** What these configs, merged, will do in the outage that is wished for. `name` is how a person calls them. */
export async function computeOutage(
  locations: readonly string[],
  wish: Wish,
  version: Version,
  host: Host,
  name = configName(locations),
): Promise<Computed> {
  if (locations.length === 0)
    throw new FailoverctlError(
      'wrong-use',
      'no config given',
      'Name the collector config: failoverctl simulate config.yaml --outage primary',
    )
  const claims = wish.claims.map(({ text }) => parseClaim(text))
  const { graph, findings } = await checkConfig(locations, version, host)
  const identity = { target: 'the model', config: name, collector_version: version.text, run: newRun(host.random) }
  const endsAtOnce = findings.some(
    ({ rule, kind, severity }) => (kind === 'refused' && severity === 'error') || ENDS_AT_ONCE.has(rule),
  )
  if (graph.failovers.length === 0 || endsAtOnce)
    return { refused: refusedOutcome(findings, { ...identity, seed: wish.seed ?? 0, notes: [], backends: [] }) }
  const { scenario, failover } = planScenario(wish, graph, drawSeed(host.random))
  const concerned = ruleFindings({ ...graph, failovers: [failover] })
  return { simulation: simulate({ graph, failover, scenario, findings: concerned, claims, identity }) }
}
