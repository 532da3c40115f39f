import type { Host } from '../core/host.ts'

/** A report into a file, where one is asked for; standard error says that it is there. */
export async function writeReport(path: string | undefined, report: () => string, host: Host): Promise<void> {
  if (path === undefined) return
  await host.files.write(path, new TextEncoder().encode(report()))
  host.terminal.err(`wrote ${path}\n`)
}
