import type { Situation } from './situation.ts'

/** One kind of alert. It looks at a config and says which alerts it needs, each with tests that promtool can run. */
export interface AlertRule {
  /** Also the file's name, and what --only and --skip take. */
  readonly id: string
  /** What it tells, as a sentence. */
  readonly title: string
  make(situation: Situation): Iterable<Alert>
}

export type Severity = 'critical' | 'warning' | 'info'

export interface Alert {
  /** Its name in Prometheus. */
  readonly name: string
  readonly expr: string
  /** A duration of Prometheus; how long the expression must hold. */
  readonly holdsFor: string
  readonly severity: Severity
  /** Besides severity. */
  readonly labels?: Readonly<Record<string, string>>
  readonly summary: string
  /** What it means and what to do. */
  readonly description: string
  readonly tests: readonly AlertTest[]
}

/** Series as promtool's unit tests take them, one value a minute, and what must come of them. */
export interface AlertTest {
  readonly name: string
  readonly series: readonly (readonly [series: string, values: string])[]
  /** When it is looked at, in minutes. */
  readonly atMinutes: number
  /** The labels of the alert that must fire, besides its own, and how its value is shown; undefined: none may fire. */
  readonly fires: { readonly labels: Readonly<Record<string, string>>; readonly value: string } | undefined
}
