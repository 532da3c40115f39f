import type { Graph } from '../collector/graph.ts'
import type { Change } from '../source/change.ts'
import type { At } from '../source/value.ts'

export const SEVERITIES = ['error', 'warning', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]

/**
 * What a finding means for the person: `refused`, a collector of that version does not start; `placebo`, it starts and does
 * not fail over as meant; `loss`, data can be gone without a sign; `advice`, all else.
 */
export type Kind = 'refused' | 'placebo' | 'loss' | 'advice'

/** One thing that is wrong with a config, and where. */
export interface Remark {
  /** The most specific word that is wrong. */
  readonly at: At
  /** What happens. The value of an environment variable is never in it. */
  readonly message: string
  /** What to write instead. */
  readonly hint?: string
  /** Where they differ from the rule's own. */
  readonly severity?: Severity
  readonly kind?: Kind
  readonly fix?: Fix
}

/** How a finding goes away by itself: all of the changes, or none. */
export interface Fix {
  /** What is done, as `turn the queue of otlp/primary off`. */
  readonly title: string
  readonly changes: readonly Change[]
  /** Of which config that the file holds inside of it, as Kubernetes manifests can. */
  readonly nth?: number
}

/** What the person says of the outage to get through; rules give their figures without it, and a verdict with it. */
export interface Expected {
  readonly outageMs?: number
  readonly bytesPerSecond?: number
  readonly requestsPerSecond?: number
}

export interface Rule {
  /** Also the name of its file and of its page in the docs. */
  readonly id: string
  readonly severity: Severity
  readonly kind: Kind
  /** What holds in a config that keeps the rule. */
  readonly title: string
  /** Why, and how that is known. */
  readonly why: string
  check(graph: Graph, expected?: Expected): Iterable<Remark>
  /** Configs, or parts of them, with «marks» around what must be found. A first line `# collector 0.140` says for which release. */
  readonly bad: readonly string[]
  readonly good: readonly string[]
}
