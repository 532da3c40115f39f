/** Programs of others that this one calls: kubectl, docker, iptables. Always by a list of words, never through a shell. */
export interface Tools {
  /**
   * Runs one to its end, in a process group of its own: a Ctrl-C at this program must not cut an undo in half.
   * Rejects with `no-such-tool` when it cannot be started; whatever it ends with is an answer.
   */
  run(argv: readonly string[], options?: ToolOptions): Promise<ToolRun>
  /** Starts one that goes on speaking: a watch, a port-forward. It is ended by `stop`, and at the latest with this program. */
  open(argv: readonly string[], options?: Pick<ToolOptions, 'env'>): Promise<OpenTool>
}

export interface ToolOptions {
  /** Its standard input; none otherwise. */
  readonly input?: string | Uint8Array
  /** After so long it is ended (default: a minute). */
  readonly timeoutMs?: number
  /** Ends it early. */
  readonly signal?: AbortSignal
  /** Besides what this program was given. */
  readonly env?: Readonly<Record<string, string>>
}

export interface ToolRun {
  /** undefined: it was ended before it could answer. */
  readonly code: number | undefined
  /** Standard output, at most 64 MiB of it. */
  readonly out: string
  readonly err: string
  readonly timedOut: boolean
}

export interface OpenTool {
  /** What it prints on standard output, line by line; ends with it. */
  readonly lines: AsyncIterable<string>
  /** How it ended. */
  readonly ended: Promise<ToolRun>
  stop(): Promise<void>
}
