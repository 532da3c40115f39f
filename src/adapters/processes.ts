import { open } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { FailoverctlError } from '../core/errors.ts'
import type { Processes, ProcessId, ProcessSignal } from '../core/processes.ts'
import { makeFolder } from './make-folder.ts'
import { isZombie, startOf } from './process-start.ts'

export const realProcesses: Processes = {
  machine: hostname(),
  self: () => identify(process.pid),
  own: () => [process.execPath, process.argv[1] ?? ''],
  async find(pid) {
    return send(pid, 0) && !(await isZombie(pid)) ? identify(pid) : undefined
  },
  async signal({ pid, started }, signal) {
    return (await realProcesses.find(pid))?.started === started && send(pid, signal)
  },
  async start(argv, log) {
    const { spawn } = await import('node:child_process')
    const [command = '', ...rest] = argv
    await makeFolder(dirname(log))
    const output = await open(log, 'a')
    try {
      // A group of its own: Ctrl-C at this program must not reach it.
      const child = spawn(command, rest, { detached: true, stdio: ['ignore', output.fd, output.fd] })
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve)
        child.once('error', reject)
      })
      child.unref()
      return await identify(child.pid as number)
    } catch (error) {
      throw new FailoverctlError('no-process', `${command} cannot be started (${(error as Error).message})`, undefined, error)
    } finally {
      await output.close()
    }
  },
}

const identify = async (pid: number): Promise<ProcessId> => ({ pid, started: (await startOf(pid)) ?? '' })

/** False when there is no such process. */
function send(pid: number, signal: ProcessSignal | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ESRCH') return false
    if (signal === 0) return true
    throw new FailoverctlError('no-access', `process ${pid} cannot be sent ${signal} (${code})`, 'Run it as its owner.', error)
  }
}
