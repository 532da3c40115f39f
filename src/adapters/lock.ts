import { link, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { FailoverctlError } from '../core/errors.ts'
import { cannotWrite } from './files.ts'
import { makeFolder } from './make-folder.ts'
import { isZombie, startOf } from './process-start.ts'

interface Holder {
  readonly host: string
  readonly pid: number
  /** When the process started, in ticks since the machine did: a new process may get an old number. */
  readonly started: string
}

/** On another machine nobody can see whether a process lives; it touches its lock as long as it does. */
const BEAT_MS = 10_000
const SILENT_MS = 60_000

/** A lock that a killed process leaves behind is taken over. Throws `locked` or `unwritable`. */
export async function lock(path: string, what = 'another replay of this backup'): Promise<() => Promise<void>> {
  const own: Holder = { host: hostname(), pid: process.pid, started: (await startOf(process.pid)) ?? '' }
  const draft = `${path}.${own.pid}`
  try {
    await makeFolder(dirname(path))
    await writeDurably(draft, JSON.stringify(own))
    await take(draft, path, what)
  } catch (error) {
    throw error instanceof FailoverctlError ? error : cannotWrite(path, error as NodeJS.ErrnoException)
  } finally {
    await rm(draft, { force: true }).catch(() => {})
  }
  const beat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), BEAT_MS)
  beat.unref()
  return async () => {
    clearInterval(beat)
    await rm(path, { force: true })
  }
}

// A second name for a file that is already whole: it comes into being at once, and only for one of us.
async function take(draft: string, path: string, what: string): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    const taken = await link(draft, path).then(
      () => true,
      error => (error.code === 'EEXIST' ? false : Promise.reject(error)),
    )
    if (taken) return
    const before = await readFile(path, 'utf8').catch(() => undefined)
    if (before === undefined) continue
    const holder = parse(before)
    if (holder && (await isAlive(holder, path))) throw held(path, what, holder)
    await clear(path, before, draft)
  }
  throw new FailoverctlError('locked', `${path}: others take this lock again and again`, 'Wait until one of them has ended.')
}

// Somebody else may have taken over between the reading and now: then it is put back.
async function clear(path: string, stale: string, draft: string): Promise<void> {
  const aside = `${draft}.stale`
  const moved = await rename(path, aside).then(
    () => true,
    () => false,
  )
  if (!moved) return
  if ((await readFile(aside, 'utf8')) !== stale) await link(aside, path).catch(() => {})
  await rm(aside, { force: true })
}

const held = (path: string, what: string, { pid, host }: Holder): FailoverctlError =>
  new FailoverctlError('locked', `${what} is running: process ${pid} on ${host}`, `Wait for it, or stop it; ${path} is its lock.`)

async function isAlive({ host, pid, started }: Holder, path: string): Promise<boolean> {
  if (host !== hostname()) {
    const touched = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    )
    return Date.now() - touched < SILENT_MS
  }
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  // One that has ended keeps its number until its parent has asked how.
  return ((await startOf(pid)) ?? started) === started && !(await isZombie(pid))
}

function parse(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Holder
    return typeof holder.pid === 'number' && typeof holder.host === 'string' ? holder : undefined
  } catch {
    return undefined
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(path, 'w')
  await handle.writeFile(text)
  await handle.sync()
  await handle.close()
}
