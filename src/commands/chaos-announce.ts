import type { Experiment } from '../chaos/experiment.ts'
import type { Plan } from '../chaos/plan.ts'
import { lowestExpected } from '../chaos/preflight.ts'
import type { Target } from '../chaos/target.ts'
import { formatDuration } from '../core/duration.ts'
import { redactUrl } from '../otlp/destination.ts'

/** What a person reads before anything happens. */
export function announcement(plan: Plan, target: Target, name: string, abortOn: readonly string[]): string {
  const { experiment, failover } = plan
  const { faults, failoverWithinMs, recoverWithinMs } = experiment
  const levels = failover?.levels.map(({ pipelines }) => pipelines.map(({ id }) => id).join(' + ')) ?? []
  const chain = failover ? `  levels of ${failover.component.id}: ${levels.join(' → ')}\n` : ''
  return `Experiment on ${name}: ${faults.map(({ kind, on }) => `${kind} ${on}`).join(', ')}
${chain}  traffic: ${trafficText(experiment, target)}
  allowed: ${formatDuration(failoverWithinMs)} to fail over, ${formatDuration(recoverWithinMs)} to recover; Ctrl-C undoes and ends
${lowestExpected(plan, target) < 0 ? '  meanwhile: no level is left, the senders are refused or wait\n' : ''}${
  abortOn.length > 0 ? `  ends early when one of these fails: ${abortOn.join(', ')}\n` : ''
}`
}

export const trafficText = (
  { rate, spansPerRequest }: Pick<Experiment, 'rate' | 'spansPerRequest'>,
  { trafficUrl }: Pick<Target, 'trafficUrl'>,
): string => `${rate} spans/s in requests of ${spansPerRequest} to ${redactUrl(trafficUrl)}`
