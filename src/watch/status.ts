import type { Health, Problem } from './look.ts'

/** What is known of a collector after the newest look. Rates are items a second between the last two looks. */
export interface CollectorStatus {
  readonly name: string
  /** The address of its metrics, without secrets. */
  readonly metrics: string
  /** Why nothing is known of it now; what follows is then empty. */
  readonly problem: Problem | undefined
  readonly health: Health
  readonly version: string | undefined
  readonly uptimeS: number | undefined
  readonly clockAheadMs: number | undefined
  /** Whether it was started anew between the last two looks: no rates then. */
  readonly restarted: boolean
  readonly connectors: readonly ConnectorStatus[]
  /** Exporters that stand in no level of a failover connector. */
  readonly others: readonly ExporterStatus[]
  readonly received: ReceivedStatus
}

export interface ConnectorStatus {
  readonly id: string
  /** -1: every level has failed. Undefined: nothing says it. */
  readonly level: number | undefined
  /** The metric that says it, or why nothing does. */
  readonly evidence: string
  /** Milliseconds since the level was seen to change; undefined while it has not changed since the first look. */
  readonly changedMs: number | undefined
  /** Milliseconds since the first look that saw this level. */
  readonly seenMs: number | undefined
  /** None where no config names them. */
  readonly levels: readonly LevelStatus[]
  readonly queue: QueueStatus | undefined
}

export interface LevelStatus {
  readonly index: number
  readonly pipelines: readonly string[]
  readonly exporters: readonly ExporterStatus[]
}

export interface ExporterStatus {
  readonly id: string
  readonly sent: Count
  readonly failed: Count
  /** Not taken by a queue that was full. */
  readonly notQueued: Count
  readonly queue: QueueStatus | undefined
}

export interface QueueStatus {
  readonly size: number
  readonly capacity: number | undefined
}

export interface ReceivedStatus {
  readonly accepted: Count
  readonly refused: Count
  readonly failed: Count
  /** By processors: a memory limiter's refusals, a filter's drops. */
  readonly dropped: Count
}

/** Items since the collector was started, and what the last two looks make of it. */
export interface Count {
  readonly total: number
  /** undefined after one look, or when the collector was started in between. */
  readonly grown: number | undefined
  readonly perSecond: number | undefined
}
