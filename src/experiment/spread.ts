import { type Figures, MEASURES, type Measure, type Spread } from './figures.ts'

export const valuesOf = (runs: readonly Figures[], measure: Measure): number[] =>
  runs.map(run => run[measure] ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b)

/** The value that `share` (0 to 1) of all do not exceed, by nearest rank; Infinity stands for what never happened. */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN

export function spreadOf(runs: readonly Figures[]): Readonly<Record<Measure, Spread>> {
  return Object.fromEntries(MEASURES.map(measure => [measure, spread(valuesOf(runs, measure))])) as Record<Measure, Spread>
}

function spread(values: readonly number[]): Spread {
  const at = (share: number) => {
    const value = percentile(values, share)
    return Number.isFinite(value) ? value : null
  }
  return {
    min: at(0),
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
    never: values.filter(value => value === Number.POSITIVE_INFINITY).length,
  }
}
