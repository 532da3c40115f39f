import type { Appender } from '../../core/disk.ts'
import type { Host } from '../../core/host.ts'
import { maskSecrets } from '../../core/mask.ts'
import type { Observer, RunEvent, RunView } from '../events.ts'
import type { JournalEnd, JournalEntry, JournalHeader, RunRecord, RunResult } from './record.ts'

const SAMPLE_MS = 1000

type World = Pick<Host, 'clock' | 'disk' | 'terminal'>

/**
 * Writes a run down while it goes on, a line for each event, so that one that was killed can still be told. A journal that
 * cannot be written any more (a full disk may be the fault that is tried) is no reason to end a run: it is said once.
 */
export class JournalWriter implements Observer {
  readonly path: string
  readonly #header: JournalHeader
  readonly #entries: JournalEntry[] = []
  #last: JournalEnd | undefined
  #file: Appender | undefined
  #world: World
  #writing: Promise<void> = Promise.resolve()
  #view: RunView | undefined
  #cancelSample = () => {}

  constructor(path: string, header: JournalHeader, world: World) {
    this.path = path
    this.#header = header
    this.#world = world
  }

  /** Before there is anything to hear. Throws `unwritable`; the run can be heard all the same. */
  async open(): Promise<void> {
    const { disk } = this.#world
    const hasBegun = ((await disk.look(this.path))?.size ?? 0) > 0
    const file = await disk.appender(this.path, { secret: true })
    try {
      // The run before may have been cut off in the middle of a line.
      await file.append(new TextEncoder().encode(`${hasBegun ? '\n' : ''}${line(this.#header)}`))
      await file.sync()
      this.#file = file
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** What would be read from it, without the samples. */
  get record(): RunRecord {
    return { file: this.path, header: this.#header, entries: this.#entries, end: this.#last }
  }

  async hear(event: RunEvent, view: RunView): Promise<void> {
    this.#view = view
    this.#cancelSample()
    this.#cancelSample = this.#world.clock.timer(SAMPLE_MS, this.#sample)
    const heard = entry(event, view)
    this.#entries.push(heard)
    await this.#write(heard)
  }

  /** Nothing more happens; the outcome may follow. */
  close(): void {
    this.#cancelSample()
    this.#view = undefined
  }

  outcome(result: RunResult): Promise<void> {
    return this.#end({ kind: 'outcome', ...result })
  }

  /** A run without an outcome. */
  ended(why: string): Promise<void> {
    return this.#end({ kind: 'ended', why })
  }

  async #end(end: JournalEnd): Promise<void> {
    this.close()
    this.#last = end
    await this.#write(end)
    await this.#file?.sync().catch(() => {})
    await this.#file?.close()
    this.#file = undefined
  }

  #sample = () => {
    const view = this.#view
    if (!view) return
    this.#cancelSample = this.#world.clock.timer(SAMPLE_MS, this.#sample)
    void this.#write(entry({ kind: 'sample', at_s: view.now() }, view))
  }

  #write(data: object): Promise<void> {
    this.#writing = this.#writing.then(() => this.#append(data))
    return this.#writing
  }

  async #append(data: object): Promise<void> {
    try {
      await this.#file?.append(new TextEncoder().encode(line(data)))
    } catch (error) {
      await this.#file?.close().catch(() => {})
      this.#file = undefined
      this.#world.terminal.err(`the journal ends here: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }
}

function entry(event: RunEvent | { readonly kind: 'sample'; readonly at_s: number }, view: RunView): JournalEntry {
  const { level, sent, acknowledged, refused, unknown } = view
  return { ...event, level_now: level ?? null, sent, acknowledged, refused, unknown }
}

const line = (data: object): string => `${JSON.stringify(masked(data))}\n`

const SECRET_NAME = /token|api[-_]?key|access[-_]?key|secret|passw|authorization|cookie|credential/i

/** Texts come from configs, commands and answers of others; what looks like a secret is none of a journal's business. */
function masked(data: unknown): unknown {
  if (typeof data === 'string') return maskSecrets(data)
  if (Array.isArray(data)) return data.map(masked)
  if (typeof data !== 'object' || data === null) return data
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      typeof value === 'string' && SECRET_NAME.test(name) ? '*'.repeat(value.length) : masked(value),
    ]),
  )
}
