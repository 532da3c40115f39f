import { type Figures, figuresOf } from '../../metrics/figures.ts'
import { levelIn } from '../../metrics/level.ts'
import { named } from './named.ts'
import type { MakeProbe } from './probe.ts'

/** The level of a failover connector: of the one that the experiment watches, or of another by its own metrics. */
export const level: MakeProbe = (wished, { graph, failover }) => {
  const known = new Map(graph.failovers.map(each => [each.component.id, each]))
  const { connector } = wished.settings
  const watched = connector === undefined ? failover : named(connector, known, 'failover connector', wished)
  const about = `level of ${watched?.component.id ?? 'the failover connector'}`
  let before: Figures | undefined
  return {
    about,
    evidence: 'metrics of the collector',
    async look(view) {
      if (!watched) return { missing: 'the config has no failover connector' }
      if (watched === failover) return view.level === undefined ? { missing: 'the metrics show no level' } : { found: view.level }
      const now = figuresOf(view.samples)
      const reading = levelIn(watched, before, now)
      before = now
      return reading ? { found: reading.level, evidence: reading.evidence } : { missing: 'the metrics show no level' }
    },
  }
}
