import { FailoverctlError } from '../core/errors.ts'
import { subjectOf } from './faults.ts'
import type { Plan } from './plan.ts'
import { STEPS } from './steps/index.ts'
import type { Target } from './target.ts'

/** Throws `not-embedded` for what cannot be done here, before anything is. */
export function checkCapabilities({ experiment }: Pick<Plan, 'experiment'>, target: Target): void {
  for (const { kind, on } of experiment.faults) {
    const subject = subjectOf(target, on)
    const { needs } = STEPS[kind]
    if (subject?.can.has(needs)) continue
    const why = subject?.cannot?.[needs]
    throw new FailoverctlError(
      'not-embedded',
      `${kind} ${on} cannot be done with ${target.name}${why ? `: ${why}` : ''}`,
      subject
        ? `What can be done with ${on}: ${[...subject.can].join(', ') || 'nothing'}.`
        : `Its backends are ${target.backends.map(({ name }) => name).join(', ')}.`,
    )
  }
}
