import type { Host } from '../core/host.ts'
import { isAlive } from '../core/processes.ts'
import { byHand, perform } from './inverse.ts'
import { clearUndoLog, lockChaos, markUndone, type Pending, pendingUndos } from './undo-log.ts'

/** What became of one fault that a run had left. */
export interface Recovered {
  readonly fault: string
  readonly result: 'undone' | 'failed' | 'still running'
  /** What was done, or why it could not be. */
  readonly what: string
  /** The command that does it by hand. */
  readonly byHand: string
}

/** Takes back what runs that were killed have left, the last first. Throws `locked` while one runs. */
export async function recover(host: Host): Promise<Recovered[]> {
  const unlock = await lockChaos(host)
  try {
    const found: Recovered[] = []
    for (const pending of (await pendingUndos(host)).reverse()) found.push(await takeBack(pending, host))
    await clearUndoLog(host)
    return found
  } finally {
    await unlock()
  }
}

async function takeBack({ id, fault, tool, inverse }: Pending, host: Host): Promise<Recovered> {
  const told = { fault, byHand: byHand(inverse) }
  if (await isAlive(tool, host.processes))
    return { ...told, result: 'still running', what: `process ${tool.pid} will take it back` }
  try {
    const what = await perform(inverse, host)
    await markUndone(host, id)
    return { ...told, result: 'undone', what }
  } catch (error) {
    return { ...told, result: 'failed', what: error instanceof Error ? error.message : String(error) }
  }
}
