/** A process, told from a later one that got the same number. */
export interface ProcessId {
  readonly pid: number
  /** When it started, in ticks since the machine did; empty where the system does not say. */
  readonly started: string
}

export type ProcessSignal = 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGHUP'

/** Other programs on this machine. */
export interface Processes {
  /** What this machine is called: the number of a process means something only there. */
  readonly machine: string
  self(): Promise<ProcessId>
  /** The words that start this program once more, before its arguments. */
  own(): readonly string[]
  /** The process that has this number now; undefined where none lives. */
  find(pid: number): Promise<ProcessId | undefined>
  /** False when it is gone. Throws `no-access`. */
  signal(process: ProcessId, signal: ProcessSignal): Promise<boolean>
  /** Starts a program that outlives this one; what it says is added to the file `log`. Throws `no-process`. */
  start(argv: readonly string[], log: string): Promise<ProcessId>
}

/** Whether it still lives. */
export const isAlive = async ({ pid, started }: ProcessId, processes: Pick<Processes, 'find'>): Promise<boolean> =>
  (await processes.find(pid))?.started === started
