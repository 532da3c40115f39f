import type { Threads } from '../core/threads.ts'
import type { ThreadPool } from './thread-pool.ts'

/** Threads that start with the first piece of work. `program` is what they run: without it, the one beside the running code. */
export function lazyThreads(program?: () => Promise<URL>): Threads {
  let pool: Promise<ThreadPool> | undefined
  return {
    async transcode(job) {
      pool ??= import('./thread-pool.ts').then(async ({ ThreadPool }) => new ThreadPool(await program?.()))
      return (await pool).run(job)
    },
    async close() {
      await (await pool)?.close()
    },
  }
}
