import { Command } from 'commander'
import { guard, readProcess } from '../chaos/guard.ts'
import type { Host } from '../core/host.ts'
import { recoverText } from '../formats/recover-text.ts'

// Flags end here …
export const guardCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('guard')
    .description('Take back the faults of an experiment when its process is gone. Started by chaos itself.')
    .argument('<process>', 'its number and start time, such as 4711:123456')
    .action(async (process: string) => done(await chaosGuard(process, host)))

// … and work begins here: plain values in, an exit code out.
export async function chaosGuard(process: string, host: Host): Promise<number> {
  const tool = readProcess(process)
  const { pid } = await host.processes.self()
  host.terminal.out(`process ${pid} guards process ${tool.pid}\n`)
  const found = await guard(tool, host)
  if (found.length > 0) host.terminal.out(recoverText(found))
  return found.every(({ result }) => result === 'undone') ? 0 : 1
}
