import type { At } from '../source/value.ts'
import type { Tolerance, Unit } from './tolerance.ts'

/** Everything that a probe can look at. */
export const PROBE_TYPES = [
  'level',
  'queue',
  'metric',
  'health',
  'http',
  'command',
  'promql',
  'arrivals',
  'latency',
  'loss',
] as const
export type ProbeType = (typeof PROBE_TYPES)[number]

/** `edge`: start and end. `on-chaos`: again and again while a fault is there. */
export const WHEN = ['start', 'end', 'edge', 'continuous', 'on-chaos'] as const
export type When = (typeof WHEN)[number]

/** What a number is taken as: as it is, what it has grown by since the probe began, or its growth a second. */
export type Of = 'value' | 'growth' | 'rate'

/** One probe, as an experiment file asks for it. Times in milliseconds. */
export interface WishedProbe {
  readonly name: string
  readonly probe: ProbeType
  readonly tolerance: Tolerance
  readonly when: When
  readonly intervalMs: number
  readonly timeoutMs: number
  /** So many looks in a row have to fail before it has failed. */
  readonly failureThreshold: number
  /** So many in a row have to hold before it holds again. */
  readonly successThreshold: number
  readonly settings: ProbeSettings
  readonly at: At
}

/** What each type needs besides; the reader has seen to it that it is there. */
export interface ProbeSettings {
  /** For `level`: a failover connector; undefined: the one that the experiment watches. */
  readonly connector?: string | undefined
  /** For `queue`: an exporter, or a connector with a queue; undefined: the fullest. */
  readonly exporter?: string | undefined
  /** For `arrivals`: a backend; undefined: all together. */
  readonly backend?: string | undefined
  /** For `metric`: its name, and labels that its samples must have. */
  readonly metric?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly of?: Of | undefined
  /** For `http`, `health` and `promql`. */
  readonly url?: string | undefined
  readonly method?: 'GET' | 'POST' | 'PUT' | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
  /** For `promql`. */
  readonly query?: string | undefined
  /** For `command`: a program and its arguments; no shell reads them. */
  readonly run?: readonly string[] | undefined
  /** For `loss`: a span counts as missing after so long. */
  readonly afterMs?: number | undefined
}

type Setting = keyof ProbeSettings | 'after'

/** What each type takes besides what all take, what it cannot do without, and in what its tolerance may be written. */
export const PROBE_KEYS: Readonly<
  Record<
    ProbeType,
    {
      readonly takes: readonly Setting[]
      readonly needs: readonly Setting[]
      readonly units: readonly (Unit | 'text')[]
      readonly tolerance?: number
    }
  >
> = {
  level: { takes: ['connector'], needs: [], units: ['plain'] },
  queue: { takes: ['exporter'], needs: [], units: ['share', 'plain'] },
  metric: { takes: ['metric', 'labels', 'of'], needs: ['metric'], units: ['plain', 'share', 'seconds', 'bytes'] },
  health: { takes: ['url', 'headers'], needs: [], units: ['plain', 'seconds', 'text'], tolerance: 200 },
  http: { takes: ['url', 'method', 'headers', 'body'], needs: ['url'], units: ['plain', 'seconds', 'text'], tolerance: 200 },
  command: { takes: ['run'], needs: ['run'], units: ['plain', 'text'], tolerance: 0 },
  promql: { takes: ['url', 'query', 'headers'], needs: ['url', 'query'], units: ['plain', 'share', 'seconds', 'bytes'] },
  arrivals: { takes: ['backend', 'of'], needs: [], units: ['plain'] },
  latency: { takes: [], needs: [], units: ['seconds'] },
  loss: { takes: ['after'], needs: [], units: ['plain', 'share'] },
}
