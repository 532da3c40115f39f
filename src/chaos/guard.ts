import { sleep } from '../core/clock.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { isAlive, type ProcessId } from '../core/processes.ts'
import { type Recovered, recover } from './recover.ts'
import { GUARD_LOG, pendingUndos, UNDO_LOG } from './undo-log.ts'

const LOOK_MS = 400
const AGAIN_MS = 2000
/** Whoever holds the lock, or a tool that fails, gets about ten minutes. */
const MOST_TRIES = 300

/** Started before the first fault, it outlives a `kill -9` of this program, and takes back what is left then. */
export async function startGuard({ processes }: Pick<Host, 'processes'>): Promise<ProcessId> {
  const { pid, started } = await processes.self()
  return processes.start([...processes.own(), 'chaos', 'guard', `${pid}:${started}`], GUARD_LOG)
}

/** Nothing is left to guard. Where something is, it stays, and ends by itself. */
export async function dismissGuard(guard: ProcessId, host: Pick<Host, 'processes' | 'disk'>): Promise<void> {
  if ((await pendingUndos(host)).length === 0) await host.processes.signal(guard, 'SIGTERM')
}

/** Throws `wrong-use` for what `startGuard` would not say. */
export function readProcess(text: string): ProcessId {
  const [, pid, started] = /^([1-9]\d{0,9}):(\d*)$/.exec(text) ?? []
  if (pid !== undefined && started !== undefined) return { pid: Number(pid), started }
  throw new FailoverctlError('wrong-use', `${text} is no process with its start time`, 'The guard is started by chaos itself.')
}

/** Waits until the tool is gone, and then takes back what it has left: at once, and again where that fails. Answers with what it did last. */
export async function guard(tool: ProcessId, host: Host): Promise<readonly Recovered[]> {
  while (await isAlive(tool, host.processes)) {
    const { aborted } = host.interrupted
    if (aborted && (await pendingUndos(host)).length === 0) return []
    // A signal does not keep it from its work: it ends as soon as there is none.
    await sleep(host.clock, LOOK_MS, aborted ? undefined : host.interrupted).catch(() => {})
  }
  let found: readonly Recovered[] = []
  for (let turn = 0; turn < MOST_TRIES && (await isLeft(tool, host)); turn++) {
    if (turn > 0) await sleep(host.clock, AGAIN_MS)
    found = await recover(host).catch(stillLocked)
  }
  return found
}

/** What others have left, or make now, has guards of its own. A log in which nothing is left to do is to be cleared, too. */
async function isLeft(tool: ProcessId, host: Host): Promise<boolean> {
  const pending = await pendingUndos(host)
  return pending.length > 0 ? pending.some(each => isOf(each.tool, tool)) : (await host.disk.look(UNDO_LOG)) !== undefined
}

const isOf = (one: ProcessId, other: ProcessId): boolean => one.pid === other.pid && one.started === other.started

function stillLocked(error: unknown): readonly Recovered[] {
  if (error instanceof FailoverctlError && error.code === 'locked') return []
  throw error
}
