import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Transcoded, TranscodeJob } from '../core/threads.ts'
import type { Answered } from './thread-side.ts'

/** The thread that reads and sends needs a core as well, but waits most of the time. */
const MOST_THREADS = Math.min(2, availableParallelism())
/** One under way and one to go on with: each is a copy of a body, so the rest waits uncopied. */
const TASKS_PER_THREAD = 2

/** Of short-lived objects: Node's own limit lets a thread grow to more than the whole rest of the program. */
const YOUNG_MB = 4
/** Of all others. A line that needs more is an answer, and no end of the whole program. */
const OLD_MB = 1024

/** No body needs more, but for a line that is larger by itself. */
const COMMON_BYTES = 2 * 1024 * 1024

interface Task {
  readonly job: TranscodeJob
  readonly resolve: (answer: Transcoded) => void
  readonly reject: (error: unknown) => void
}

/** Threads that start when there is something to do, and keep no process alive when there is not. */
export class ThreadPool {
  readonly #program: URL
  readonly #threads = new Set<Thread>()
  #waiting: Task[] = []
  #closed = false

  /** In the bundle this file is a chunk, one folder below the doors; the extension is that of the running code. */
  constructor(program = new URL(`../threads/transcode${/\.[jt]s$/.exec(import.meta.url)?.[0]}`, import.meta.url)) {
    this.#program = program
  }

  run(job: TranscodeJob): Promise<Transcoded> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(closedError())
      this.#waiting.push({ job, resolve, reject })
      this.#assign()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const { reject } of this.#waiting) reject(closedError())
    this.#waiting = []
    await Promise.all([...this.#threads].map(thread => thread.close()))
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#free()
      if (!thread) return
      thread.take(this.#waiting.shift() as Task)
    }
  }

  /** The least busy thread, or a new one before an old one gets more to do. */
  #free(): Thread | undefined {
    const [least] = [...this.#threads].sort((one, other) => one.load - other.load)
    if (least && (least.load === 0 || this.#threads.size >= MOST_THREADS))
      return least.load < TASKS_PER_THREAD ? least : undefined
    const thread = new Thread(this.#program, {
      answered: () => this.#assign(),
      ended: undone => {
        this.#threads.delete(thread)
        this.#waiting.unshift(...undone)
        this.#assign()
      },
    })
    this.#threads.add(thread)
    return thread
  }
}

interface Events {
  readonly answered: () => void
  /** With what it had not begun. */
  readonly ended: (undone: Task[]) => void
}

class Thread {
  readonly #worker: Worker
  readonly #tasks: Task[] = []
  /** Memory of earlier bodies: fresh memory for each would lie about until the garbage is collected, here and over there. */
  readonly #spare: ArrayBuffer[] = []
  #problem: unknown

  constructor(program: URL, { answered, ended }: Events) {
    this.#worker = new Worker(program, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB, maxOldGenerationSizeMb: OLD_MB } })
    this.#worker.unref()
    this.#worker.on('message', ({ spent, ...answer }: Answered) => {
      if (spent?.byteLength === COMMON_BYTES) this.#spare.push(spent)
      // In the order of the questions.
      this.#tasks.shift()?.resolve(answer)
      if (this.#tasks.length === 0) this.#worker.unref()
      answered()
    })
    this.#worker.on('error', error => {
      this.#problem = error
    })
    this.#worker.on('exit', () => {
      const tasks = this.#tasks.splice(0)
      if (!isOutOfMemory(this.#problem)) {
        for (const { reject } of tasks) reject(this.#problem ?? closedError())
        return ended([])
      }
      // The first was under way; what waits behind it is not to blame.
      tasks.shift()?.resolve({ kind: 'malformed', reason: 'it needs more memory than a thread has' })
      ended(tasks)
    })
  }

  get load(): number {
    return this.#tasks.length
  }

  take(task: Task): void {
    if (this.#tasks.push(task) === 1) this.#worker.ref()
    // A body is mostly a part of a larger buffer that others use as well: what moves to the thread must be its own.
    const { length } = task.job.body
    const buffer = length > COMMON_BYTES ? new ArrayBuffer(length) : (this.#spare.pop() ?? new ArrayBuffer(COMMON_BYTES))
    const body = new Uint8Array(buffer, 0, length)
    body.set(task.job.body)
    this.#worker.postMessage({ ...task.job, body }, [buffer])
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}

const isOutOfMemory = (problem: unknown): boolean =>
  problem instanceof Error && 'code' in problem && problem.code === 'ERR_WORKER_OUT_OF_MEMORY'

const closedError = () => new Error('the threads were ended')
