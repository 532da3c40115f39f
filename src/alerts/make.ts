import type { Graph } from '../collector/graph.ts'
import { FailoverctlError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import type { Alert } from './alert.ts'
import { ALERT_RULES } from './rules/index.ts'
import { type AlertOptions, Situation } from './situation.ts'

export interface Chosen {
  /** Ids of rules; none: all. */
  readonly only: readonly string[]
  readonly skip: readonly string[]
}

/** The alerts that a config needs, and why some are not made. Throws `wrong-use` for a rule that there is not. */
export function makeAlerts(graph: Graph, options: AlertOptions, { only, skip }: Chosen): { alerts: Alert[]; notes: string[] } {
  const ids = ALERT_RULES.map(({ id }) => id)
  const unknown = [...only, ...skip].find(id => !ids.includes(id))
  if (unknown !== undefined) {
    const meant = nearest(unknown, ids)
    throw new FailoverctlError(
      'wrong-use',
      `there is no alert rule ${unknown}`,
      meant ? `Did you mean ${meant}?` : `There are ${ids.join(', ')}.`,
    )
  }
  const situation = new Situation(graph, options)
  const chosen = ALERT_RULES.filter(({ id }) => (only.length === 0 || only.includes(id)) && !skip.includes(id))
  const alerts = chosen.flatMap(rule => [...rule.make(situation)])
  return { alerts, notes: situation.notes }
}
