import type { Backup, TargetAddress } from './record.ts'
import type { RecordStore } from './store.ts'

/** Something that runs collectors with one config, which can be changed and put back. */
export interface DeployTarget {
  /** For a person: `statefulset/otel-collector in telemetry`. */
  readonly name: string
  /** For names of files. */
  readonly slug: string
  readonly address: TargetAddress
  readonly store: RecordStore
  /** A config as `look` would tell it, where the target keeps its values and not its text. */
  normal?(config: string): string
  /** Throws before anything is changed: missing tools, missing rights, what this target cannot do. */
  preflight(wish: Wish): Promise<void>
  /** The state of now. Throws `rollout-running`. */
  look(): Promise<Looked>
  /** Asks whoever will take the change whether he would, without changing anything. */
  rehearse(change: Change): Promise<void>
  /** One after the other; after each the target has to settle, and is probed. */
  stages(change: Change): readonly Stage[]
  /** Waits until what was begun is running. Resolves with why it will not, or undefined when it does. */
  settle(change: Change, stage: Stage, wait: Wait): Promise<string | undefined>
  /** Why what runs is not what `change` made, although it settled; undefined when it is. Throws `conflict` when somebody else changed it. */
  inspect(change: Change): Promise<string | undefined>
  /** The collectors that now run the new config, or before the first stage the old one. */
  members(change?: Change): Promise<readonly Member[]>
  /** Puts the old state back, from wherever the change stopped; safe to repeat. Throws `conflict` where somebody else's change stands. */
  restore(change: Change, wait: Wait): Promise<void>
  /** What is not as it was: empty when the old state runs. */
  differences(change: Change): Promise<string[]>
}

export interface Wish {
  readonly canary: boolean
  readonly probes: boolean
  /** How large the config is, in bytes. */
  readonly bytes: number
}

export interface Looked {
  readonly backup: Backup
  /** What a person should know before: it is not healthy now, say. */
  readonly remarks: readonly string[]
}

export interface Change {
  readonly id: string
  readonly config: string
  readonly hash: string
  readonly canary: boolean
  /** Whether health_check said so before: what was ill may be ill again afterwards. */
  readonly wasWell: boolean
  readonly backup: Backup
}

export interface Stage {
  readonly name: string
  readonly steps: readonly Step[]
}

export interface Step {
  /** `write config map otel-collector`. */
  readonly name: string
  make(): Promise<void>
}

export interface Wait {
  readonly withinMs: number
  readonly signal?: AbortSignal | undefined
  /** Called about once a second with how it stands. */
  beat(state: string): Promise<void>
}

/** One collector that can be asked how it is. */
export interface Member {
  readonly name: string
  /** Where these ports of it can be reached from here, until `close`. */
  reach(ports: readonly number[]): Promise<Reached>
}

export interface Reached {
  /** `http://127.0.0.1:40123`; undefined where this port cannot be reached. */
  url(port: number): string | undefined
  close(): Promise<void>
}
