import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Transcoded, TranscodeJob } from '../core/threads.ts'

/** The thread that reads and sends needs a core as well, but waits most of the time. */
const MOST_THREADS = Math.min(2, availableParallelism())
/** One under way and one to go on with: each is a copy of a body, so the rest waits uncopied. */
const TASKS_PER_THREAD = 2

/** Of short-lived objects: Node's own limit lets a thread grow to more than the whole rest of the program. */
const YOUNG_MB = 16

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
      ended: () => {
        this.#threads.delete(thread)
        this.#assign()
      },
    })
    this.#threads.add(thread)
    return thread
  }
}

interface Events {
  readonly answered: () => void
  readonly ended: () => void
}

class Thread {
  readonly #worker: Worker
  readonly #tasks: Task[] = []
  #problem: unknown

  constructor(program: URL, { answered, ended }: Events) {
    this.#worker = new Worker(program, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } })
    this.#worker.unref()
    this.#worker.on('message', (answer: Transcoded) => {
      // In the order of the questions.
      this.#tasks.shift()?.resolve(answer)
      if (this.#tasks.length === 0) this.#worker.unref()
      answered()
    })
    this.#worker.on('error', error => {
      this.#problem = error
    })
    this.#worker.on('exit', () => {
      for (const { reject } of this.#tasks.splice(0)) reject(this.#problem ?? closedError())
      ended()
    })
  }

  get load(): number {
    return this.#tasks.length
  }

  take(task: Task): void {
    if (this.#tasks.push(task) === 1) this.#worker.ref()
    // A body is mostly a part of a larger buffer that others use as well: what moves to the thread must be its own.
    const body = new Uint8Array(task.job.body)
    this.#worker.postMessage({ ...task.job, body }, [body.buffer])
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}

const closedError = () => new Error('the threads were ended')
