/** How a deployment, a rollback or a recovery came out. */
export interface DeployResult {
  readonly outcome: 'deployed' | 'unchanged' | 'would deploy' | 'rolled back' | 'conflict' | 'unfinished'
  readonly target: string
  /** Of the attempt; undefined where none was made. */
  readonly id: string | undefined
  /** Why it is not `deployed`. */
  readonly reason: string | undefined
  /** What is not as it was, after a rollback: empty when the old state was proved to run, undefined when nothing was rolled back. */
  readonly differences: readonly string[] | undefined
  /** What somebody else has put there in between, and what we had found. */
  readonly theirs?: { readonly before: string; readonly now: string } | undefined
  /** Connector → level, after the change. */
  readonly levels: Readonly<Record<string, number>>
  readonly remarks: readonly string[]
  readonly took_s: number
  /** Ctrl-C ended it. */
  readonly interrupted: boolean
}

/** 0 as wished, 1 not deployed and the old state runs, 5 something is left for `deploy recover` or for a person. */
export function exitOf({ outcome, differences = [], interrupted }: DeployResult): number {
  if (outcome === 'unfinished' || outcome === 'conflict' || differences.length > 0) return 5
  if (interrupted) return 130
  return outcome === 'rolled back' ? 1 : 0
}
