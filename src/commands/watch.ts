import { sleep } from '../core/clock.ts'
import type { Host } from '../core/host.ts'

/** How often the files are looked at: a person who saves one sees the answer at once. */
const LOOK_EVERY_MS = 300

/**
 * Runs a task, and again whenever one of the files that it names has changed, until Ctrl-C. A change counts once the
 * files have been the same for one look: an editor writes in several steps.
 */
export async function watch(task: () => Promise<readonly string[]>, host: Host): Promise<void> {
  let watched = await task()
  let before = await stamps(watched, host)
  host.terminal.err(watching(watched))
  for (;;) {
    const changed = await nextChange(watched, before, host)
    if (!changed) return
    host.terminal.err(`\nchanged: ${changed.join(', ')}\n\n`)
    before = await stamps(watched, host)
    watched = await task()
    // A file that is new in the list has not been seen to change; one that changed during the run has.
    before = new Map([...(await stamps(watched, host)), ...before])
    host.terminal.err(watching(watched))
  }
}

const watching = (files: readonly string[]): string =>
  `Watching ${files.length} file${files.length === 1 ? '' : 's'}. Ctrl-C ends it.\n`

type Stamps = ReadonlyMap<string, string | undefined>

const stamps = async (files: readonly string[], host: Host): Promise<Stamps> =>
  new Map(await Promise.all(files.map(async file => [file, await host.files.stamp(file)] as const)))

// Undefined when the person ends it.
async function nextChange(files: readonly string[], before: Stamps, host: Host): Promise<string[] | undefined> {
  let last = before
  while (await waited(host)) {
    const now = await stamps(files, host)
    const isSettled = files.every(file => now.get(file) === last.get(file))
    const changed = files.filter(file => now.get(file) !== before.get(file))
    if (isSettled && changed.length > 0) return changed
    last = now
  }
  return undefined
}

const waited = ({ clock, interrupted }: Host): Promise<boolean> =>
  sleep(clock, LOOK_EVERY_MS, interrupted).then(
    () => true,
    () => false,
  )
