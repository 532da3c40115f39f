import { parentPort } from 'node:worker_threads'
import type { Transcoded, TranscodeJob } from '../core/threads.ts'

/** An answer, and the memory in which the question came: it is used for the next one. */
export type Answered = Transcoded & { readonly spent: ArrayBuffer }

/** Called in a thread: does one piece of work after the other for the pool that started it. */
export function serveThread(work: (job: TranscodeJob) => Transcoded): void {
  parentPort?.on('message', (job: TranscodeJob) => {
    const answer = work(job)
    const spent = job.body.buffer as ArrayBuffer
    // Moved, not copied.
    const moved = answer.kind === 'done' && answer.body.buffer !== spent ? [answer.body.buffer as ArrayBuffer] : []
    parentPort?.postMessage({ ...answer, spent } satisfies Answered, [...moved, spent])
  })
}
