import type { Processes, ProcessId, ProcessSignal } from '../src/core/processes.ts'

/** Processes in memory: 1 is this one. */
export class FakeProcesses implements Processes {
  machine = 'here'
  readonly living = new Map<number, { readonly started: string; paused: boolean; readonly argv: readonly string[] }>()
  /** Called before anything changes. */
  step = (): void => {}
  #next = 100
  #starts = 0

  constructor() {
    this.living.set(1, { started: 'boot', paused: false, argv: ['failoverctl'] })
  }

  run(argv: readonly string[]): ProcessId {
    const pid = this.#next++
    const started = `t${++this.#starts}`
    this.living.set(pid, { started, paused: false, argv })
    return { pid, started }
  }

  own = () => ['failoverctl']

  self = () => this.find(1) as Promise<ProcessId>

  async find(pid: number): Promise<ProcessId | undefined> {
    const found = this.living.get(pid)
    return found && { pid, started: found.started }
  }

  async signal({ pid, started }: ProcessId, signal: ProcessSignal): Promise<boolean> {
    this.step()
    const found = this.living.get(pid)
    if (found?.started !== started) return false
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') found.paused = signal === 'SIGSTOP'
    else this.living.delete(pid)
    return true
  }

  async start(argv: readonly string[]): Promise<ProcessId> {
    this.step()
    return this.run(argv)
  }
}
