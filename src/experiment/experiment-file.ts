import type { Action } from './wish.ts'

/** An experiment file as its schema has it (schemas/experiment.schema.json). */
export interface ExperimentData {
  readonly title?: string
  readonly config?: string | readonly string[]
  readonly target?: string
  readonly project?: string
  readonly configuration?: ConfigurationData
  readonly 'steady-state-hypothesis'?: { readonly probes: readonly (MeasureData | ProbeData)[] }
  readonly method: readonly ActionData[]
  readonly 'blast-radius'?: readonly string[]
  readonly 'abort-on'?: 'none' | readonly string[]
  readonly rollbacks?: readonly CommandData[]
  readonly controls?: readonly (CommandData & { readonly when: ControlWhen })[]
}

export interface ConfigurationData {
  readonly traffic?: string | number
  readonly 'spans-per-request'?: number
  readonly 'span-bytes'?: number
  readonly duration?: string
  readonly steady?: string
  readonly hold?: string
  readonly 'max-fault'?: string
  readonly 'drain-within'?: string
  readonly 'sender-retry'?: string
  readonly 'sender-timeout'?: string
  readonly 'failover-within'?: string
  readonly 'recover-within'?: string
  readonly 'max-lost'?: number
  readonly 'bring-back'?: readonly string[]
  readonly seed?: number
  readonly runs?: number
}

export interface MeasureData {
  readonly name?: string
  readonly measure: string
  readonly tolerance: unknown
}

export interface ProbeData {
  readonly name?: string
  readonly probe: string
  readonly tolerance?: unknown
  readonly when?: string
  readonly interval?: string
  readonly timeout?: string
  readonly 'failure-threshold'?: number
  readonly 'success-threshold'?: number
  readonly [setting: string]: unknown
}

export interface ActionData {
  readonly fault: Action
  readonly target: string
  readonly at?: string
  readonly until?: string
  readonly for?: string
  readonly status?: number
  readonly latency?: string
  readonly share?: string
  readonly file?: string
  readonly down?: string
  readonly up?: string
}

export const CONTROL_WHEN = ['before-method', 'after-method', 'after-experiment'] as const
export type ControlWhen = (typeof CONTROL_WHEN)[number]

export interface CommandData {
  readonly name?: string
  readonly run: readonly string[]
  readonly timeout?: string
}
