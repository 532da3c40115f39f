import type { Appender, Disk } from '../core/disk.ts'
import type { Held } from './held.ts'
import { unbroken } from './ranges.ts'

export const REJECTS = 'rejects.jsonl'
const encoder = new TextEncoder()

/** Keeps by reference which lines a backend took only in part: OTLP forbids to send them again, a person may want to look. */
export function rejectsFile(folder: string, disk: Pick<Disk, 'appender'>) {
  let opened: Promise<Appender> | undefined
  return {
    async note(lines: readonly Held[], endpoint: string, rejected: number, message: string): Promise<void> {
      opened ??= disk.appender(`${folder}/${REJECTS}`)
      const file = await opened
      const paths = new Map(lines.map(({ file }) => [file.id, file.path]))
      const ranges = unbroken(lines).map(({ file, from, to }) => ({ file: paths.get(file), from, to }))
      await file.append(encoder.encode(`${JSON.stringify({ endpoint, rejected, message, ranges })}\n`))
    },
    async close(): Promise<void> {
      const file = await opened?.catch(() => undefined)
      // What cannot be kept was told already, or is told by the checkpoint, which is on the same disk.
      await file?.sync().catch(() => {})
      await file?.close()
    },
  }
}
