import { parentPort } from 'node:worker_threads'
import type { Transcoded, TranscodeJob } from '../core/threads.ts'

/** Called in a thread: does one piece of work after the other for the pool that started it. */
export function serveThread(work: (job: TranscodeJob) => Transcoded): void {
  parentPort?.on('message', (job: TranscodeJob) => {
    const answer = work(job)
    // Moved, not copied; what a buffer has beside the body is freed with it.
    parentPort?.postMessage(answer, answer.kind === 'done' ? [answer.body.buffer as ArrayBuffer] : [])
  })
}
