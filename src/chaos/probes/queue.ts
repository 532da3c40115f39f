import { unitOf } from '../../experiment/tolerance.ts'
import { type Figures, figuresOf, fillOf } from '../../metrics/figures.ts'
import { named } from './named.ts'
import type { MakeProbe } from './probe.ts'

/** How full a sending queue is: requests (or what its sizer counts), or the share of its capacity where that is asked. */
export const queue: MakeProbe = (wished, { graph }) => {
  const { exporter } = wished.settings
  const owners = new Map([
    ...graph.components.exporters,
    ...graph.failovers.map(({ component }) => [component.id, component] as const),
  ])
  if (exporter !== undefined) named(exporter, owners, 'exporter or connector', wished)
  const asShare = unitOf(wished.tolerance) === 'share'
  return {
    about: exporter === undefined ? 'the fullest queue' : `queue of ${exporter}`,
    evidence: `otelcol_exporter_queue_size${asShare ? ' of otelcol_exporter_queue_capacity' : ''}`,
    async look(view) {
      if (view.samples.length === 0) return { missing: 'the collector gave no metrics' }
      const found = queuesIn(figuresOf(view.samples), exporter)
      if (found.length === 0) return { missing: 'the metrics show no such queue' }
      const fullest = found.toSorted((a, b) => fillOf(b) - fillOf(a))[0]
      if (!asShare) return { found: Math.max(...found.map(({ size }) => size)) }
      return fullest?.capacity ? { found: fullest.size / fullest.capacity } : { missing: 'the metrics show no capacity' }
    },
  }
}

const queuesIn = ({ exporters }: Figures, exporter: string | undefined) =>
  [...exporters].flatMap(([id, { queue: own }]) => (own && (exporter === undefined || id === exporter) ? [own] : []))
