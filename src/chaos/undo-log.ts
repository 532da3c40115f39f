import type { Disk } from '../core/disk.ts'
import type { Host } from '../core/host.ts'
import { lockPatiently } from '../core/lock-patiently.ts'
import type { ProcessId } from '../core/processes.ts'
import { byHand, type Inverse } from './inverse.ts'

const FOLDER = '.failoverctl'
export const UNDO_LOG = `${FOLDER}/undo.jsonl`
/** What the guard says. */
export const GUARD_LOG = `${FOLDER}/guard.log`

/** A fault that somebody was about to make, and how to take it back. */
export interface Pending {
  readonly id: string
  /** What was to be made: `stop primary`. */
  readonly fault: string
  readonly tool: ProcessId
  readonly inverse: Inverse
}

/** Only one experiment, or one recovery, at a time in a folder; the guard of a run that just ended holds it for a moment. Throws `locked`. */
export const lockChaos = (host: Pick<Host, 'disk' | 'clock' | 'random'>): Promise<() => Promise<void>> =>
  lockPatiently(`${FOLDER}/chaos.lock`, 'another experiment', host)

/** What was begun and not taken back. A last line that was cut off is a fault that was never made. */
export async function pendingUndos({ disk }: Pick<Host, 'disk'>): Promise<Pending[]> {
  const size = (await disk.look(UNDO_LOG))?.size ?? 0
  if (size === 0) return []
  const pending = new Map<string, Pending>()
  for (const line of (await readText(disk, size)).split('\n')) {
    const entry = parse(line)
    if (!entry) continue
    if ('undone' in entry) pending.delete(entry.undone)
    else pending.set(entry.id, entry)
  }
  return [...pending.values()]
}

/** Written before each fault, and after each undo. */
export class UndoLog {
  #disk: Disk
  #tool: ProcessId
  #count = 0
  #pending = new Map<string, Pending>()
  #run: string
  #onLeaving: Host['onLeaving']
  #forget = () => {}

  constructor(run: string, tool: ProcessId, { disk, onLeaving }: Pick<Host, 'disk' | 'onLeaving'>) {
    this.#disk = disk
    this.#onLeaving = onLeaving
    this.#run = run
    this.#tool = tool
  }

  /** Resolves when the disk has it; only then may the fault be made. */
  async before(fault: string, inverse: Inverse): Promise<string> {
    // With its name: several logs of a run write into one file.
    const id = `${this.#run}.${++this.#count} ${fault}`
    const pending: Pending = { id, fault, tool: this.#tool, inverse }
    await append(this.#disk, pending)
    if (this.#pending.size === 0) this.#forget = this.#onLeaving(() => this.#leftBehind())
    this.#pending.set(id, pending)
    return id
  }

  async after(id: string): Promise<void> {
    await markUndone({ disk: this.#disk }, id)
    this.#pending.delete(id)
    if (this.#pending.size === 0) this.#forget()
  }

  /** For a person who leaves at once: what is not taken back, and the commands that do it. */
  #leftBehind(): string {
    const lines = [...this.#pending.values()].reverse().map(({ fault, inverse }) => `  ${fault}: ${byHand(inverse)}\n`)
    return `failoverctl: left before all was taken back; its guard does that now (${GUARD_LOG}), or failoverctl chaos recover, or by hand:\n${lines.join('')}`
  }
}

export const markUndone = ({ disk }: Pick<Host, 'disk'>, id: string): Promise<void> => append(disk, { undone: id })

/** Once nothing is left to undo there is no log: a file that is there says that something is. */
export async function clearUndoLog(host: Pick<Host, 'disk'>): Promise<void> {
  if ((await pendingUndos(host)).length === 0) await host.disk.remove(UNDO_LOG)
}

async function append(disk: Disk, entry: object): Promise<void> {
  const file = await disk.appender(UNDO_LOG, { secret: true })
  try {
    // The line before may have been cut off.
    await file.append(new TextEncoder().encode(`\n${JSON.stringify(entry)}\n`))
    await file.sync()
    await disk.syncFolder(FOLDER)
  } finally {
    await file.close()
  }
}

async function readText(disk: Disk, size: number): Promise<string> {
  const file = await disk.open(UNDO_LOG)
  try {
    const bytes = new Uint8Array(size)
    return new TextDecoder().decode(bytes.subarray(0, await file.read(bytes, 0)))
  } finally {
    await file.close()
  }
}

function parse(line: string): Pending | { readonly undone: string } | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
