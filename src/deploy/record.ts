import type { ProcessId } from '../core/processes.ts'

/** What is known of the deployments to one target: it outlives the tool, beside the target and on this disk. */
export interface DeployRecord {
  readonly version: 1
  /** What is under way, or what a crash left; undefined when nothing is. */
  readonly attempt?: Attempt | undefined
  /** Newest first. */
  readonly history: readonly Revision[]
}

/** All that another process needs to end a deployment: it is durable before the first change is made. */
export interface Attempt {
  readonly id: string
  readonly by: Holder
  /** ISO 8601, by the clock of the one who deploys. */
  readonly at: string
  /** Of the new config. */
  readonly hash: string
  readonly address: TargetAddress
  readonly backup: Backup
  /** Whether the collectors were healthy before. */
  readonly wasWell: boolean
  /** What was begun last: `write config map otel-collector`. */
  readonly phase: string
  /** Counted up while somebody works on it: others see by it that he lives, without comparing clocks. */
  readonly beat: number
  /** Whoever had it could not end it, and works on it no more. */
  readonly givenUp?: boolean
}

export interface Holder extends ProcessId {
  readonly host: string
  readonly user: string
}

/** Enough to find the target again: plain data, no secrets. */
export interface TargetAddress {
  /** As after `--to`. */
  readonly to: string
  readonly [setting: string]: string | undefined
}

/** The old state. Only its target reads `state`. */
export interface Backup {
  readonly config: string
  readonly state: unknown
}

export const ENDS = ['deployed', 'rolled back', 'conflict', 'found'] as const

export interface Revision {
  readonly id: string
  readonly at: string
  readonly by: string
  readonly hash: string
  /** `found`: it ran before this tool first came. */
  readonly end: (typeof ENDS)[number]
  readonly reason?: string | undefined
  /** Left out when the record would have been too large. */
  readonly config?: string | undefined
}

export const EMPTY: DeployRecord = { version: 1, history: [] }

/** Revisions that are kept; the shared record must fit into 1 MiB with its backup. */
const KEPT = 20
const MOST_BYTES = 900_000

/** As text, without the oldest configs where it would be too large. */
export function recordText(record: DeployRecord): string {
  const history = record.history.slice(0, KEPT)
  for (let kept = history.length; ; kept--) {
    const shorter = history.map((revision, index) => (index < kept ? revision : { ...revision, config: undefined }))
    const text = JSON.stringify({ ...record, history: shorter })
    if (kept === 0 || new TextEncoder().encode(text).length <= MOST_BYTES) return text
  }
}

/** Undefined for a text that is no record. */
export function parseRecord(text: string): DeployRecord | undefined {
  try {
    const record = JSON.parse(text) as DeployRecord
    return record.version === 1 && Array.isArray(record.history) ? record : undefined
  } catch {
    return undefined
  }
}

/** SHA-256 as hexadecimal. */
export async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('')
}
