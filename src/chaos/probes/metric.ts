import { labelText } from '../../metrics/exposition.ts'
import { plainName } from '../../metrics/figures.ts'
import type { Sample } from '../../metrics/prometheus.ts'
import { Growing, WORDS } from './growing.ts'
import type { MakeProbe } from './probe.ts'

/** Any metric of the collector: the sum of the samples that have these labels. Names may differ as they do between releases. */
export const metric: MakeProbe = ({ settings }) => {
  const { metric: name = '', labels = {}, of = 'value' } = settings
  const growing = new Growing(of)
  const shown = `${name}${labelText(labels)}`
  const concerns = (sample: Sample) =>
    (sample.name === name || plainName(sample.name) === plainName(name)) &&
    Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
  const sumIn = (samples: readonly Sample[]): number | undefined => {
    const found = samples.filter(concerns)
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0)
  }
  return {
    about: `${WORDS[of]}${shown}`,
    evidence: shown,
    begin: view => growing.begin(sumIn(view.samples), view),
    async look(view) {
      if (view.samples.length === 0) return { missing: 'the collector gave no metrics' }
      // A counter that nothing has counted yet is in no scrape: it has not grown.
      const sum = sumIn(view.samples) ?? (of === 'value' ? undefined : 0)
      const taken = sum === undefined ? undefined : growing.take(sum, view)
      return taken === undefined ? { missing: 'no sample has this name and these labels' } : { found: taken }
    },
  }
}
