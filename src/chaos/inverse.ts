import { sleep } from '../core/clock.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Address, Host } from '../core/host.ts'
import { maskSecrets } from '../core/mask.ts'
import { isAlive, type ProcessId } from '../core/processes.ts'

/**
 * What takes a fault back, as data: it is on the disk before the fault is made, and another process can do it.
 * Doing it twice, or where the fault was never made, changes nothing.
 */
export type Inverse =
  | { readonly do: 'resume'; readonly process: ProcessId }
  | {
      readonly do: 'start'
      readonly argv: readonly string[]
      /** The process that is to be stopped. */
      readonly was: ProcessId
      readonly pidFile: string
      readonly log: string
      /** It is back when somebody listens here. */
      readonly listens: Address | undefined
    }
  | {
      readonly do: 'run'
      /** Programs that are run one after the other, as lists of words. Without secrets: they are printed. */
      readonly commands: readonly (readonly string[])[]
      /** Part of what one of them says when there is nothing to take back any more. */
      readonly unlessSaid?: readonly string[]
      /** What was done, for a person: `container primary runs again`. */
      readonly what: string
    }
  /** It reads its config anew; one that has ended is started. */
  | { readonly do: 'reload'; readonly process: ProcessId; readonly start: Inverse & { readonly do: 'start' | 'run' } }
  /** One after the other. */
  | { readonly do: 'each'; readonly of: readonly Inverse[] }

/** What tools say is read in this language. */
export const IN_ENGLISH = { env: { LC_ALL: 'C' } } as const

export type World = Pick<Host, 'clock' | 'processes' | 'tools' | 'files' | 'network'>

/** How long a process that was asked to end may still live. */
export const ENDS_WITHIN_MS = 30_000
const READY_WITHIN_MS = 30_000
const POLL_MS = 50

/** Answers with what it did, for a person. Throws when it could not. */
export async function perform(inverse: Inverse, world: World): Promise<string> {
  if (inverse.do === 'start') return startAgain(inverse, world)
  if (inverse.do === 'run') return runAll(inverse, world)
  if (inverse.do === 'reload') return reload(inverse, world)
  if (inverse.do === 'each') {
    const done: string[] = []
    for (const one of inverse.of) done.push(await perform(one, world))
    return done.join(', ')
  }
  const { pid } = inverse.process
  return (await world.processes.signal(inverse.process, 'SIGCONT'))
    ? `process ${pid} goes on`
    : `process ${pid} has ended by itself`
}

/** The same for a person to do by hand, without the secrets that its words may hold. */
export function byHand(inverse: Inverse): string {
  if (inverse.do === 'resume') return `kill -CONT ${inverse.process.pid}`
  if (inverse.do === 'reload') return `kill -HUP ${inverse.process.pid}`
  if (inverse.do === 'each') return inverse.of.map(byHand).join(' && ')
  const commands = inverse.do === 'run' ? inverse.commands : [inverse.argv]
  return maskSecrets(commands.map(words => words.map(quoted).join(' ')).join(' && '))
}

const firstLine = (said: string): string => maskSecrets(said.trim().split('\n')[0] ?? '')

const quoted = (word: string): string => (/^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

async function runAll({ commands, unlessSaid = [], what }: Inverse & { do: 'run' }, { tools }: World): Promise<string> {
  const nothing: string[] = []
  for (const words of commands) {
    // What is compared with what they say has to be said in English.
    const { code, out, err } = await tools.run(words, unlessSaid.length > 0 ? IN_ENGLISH : {})
    const said = `${err}${out}`
    if (code === 0) continue
    if (unlessSaid.some(text => said.includes(text))) {
      nothing.push(firstLine(said))
      continue
    }
    throw new FailoverctlError(
      'tool-failed',
      `${words[0]} ended with ${code ?? 'no code'}: ${firstLine(said)}`,
      `By hand: ${maskSecrets(words.map(quoted).join(' '))}`,
    )
  }
  const [first] = nothing
  return nothing.length < commands.length ? what : `nothing was left to take back (${first})`
}

/** A collector that does not like its config ends within this time of SIGHUP. */
const ENDS_AFTER_RELOAD_MS = 1000

async function reload({ process: told, start }: Inverse & { do: 'reload' }, world: World): Promise<string> {
  const isTold = await world.processes.signal(told, 'SIGHUP')
  // It may be on its way out because of the config before.
  if (isTold && !(await endedWithin(ENDS_AFTER_RELOAD_MS, told, world))) return `process ${told.pid} reads it anew`
  return perform(start, world)
}

async function startAgain(inverse: Inverse & { do: 'start' }, world: World): Promise<string> {
  const { argv, was, pidFile, log } = inverse
  const now = await runningNow(inverse, world)
  if (now) return `process ${now.pid} runs`
  // A run that was killed may have asked it to end a moment ago; one that goes on was never asked.
  if (!(await endedWithin(ENDS_WITHIN_MS, was, world))) return `process ${was.pid} was never stopped`
  const started = await world.processes.start(argv, log)
  await world.files.write(pidFile, new TextEncoder().encode(`${started.pid}\n`))
  await awaitReady(inverse, started, world)
  return `started again as process ${started.pid}`
}

/** Somebody else may have started it by now. */
async function runningNow({ pidFile, was }: Inverse & { do: 'start' }, world: World): Promise<ProcessId | undefined> {
  const pid = await readPid(pidFile, world).catch(() => undefined)
  return pid === undefined || pid === was.pid ? undefined : world.processes.find(pid)
}

async function awaitReady(
  { listens, log, argv }: Inverse & { do: 'start' },
  started: ProcessId,
  { clock, processes, network }: World,
): Promise<void> {
  const until = clock.now() + READY_WITHIN_MS
  while (clock.now() < until) {
    if (!(await isAlive(started, processes))) {
      throw new FailoverctlError('no-process', `${argv[0]} ended right after its start`, `${log} has what it said.`)
    }
    if (!listens || (await network.connect(listens, POLL_MS * 10)).kind === 'open') return
    await sleep(clock, POLL_MS)
  }
  throw new FailoverctlError(
    'no-process',
    `${argv[0]} is not ready after ${READY_WITHIN_MS / 1000} s`,
    `${log} has what it said.`,
  )
}

export async function endedWithin(ms: number, process: ProcessId, { clock, processes }: World): Promise<boolean> {
  const until = clock.now() + ms
  while (await isAlive(process, processes)) {
    if (clock.now() >= until) return false
    await sleep(clock, POLL_MS)
  }
  return true
}

/** Throws `no-such-file`, or `no-process` when it holds no number. */
export async function readPid(path: string, { files }: Pick<Host, 'files'>): Promise<number> {
  const text = new TextDecoder().decode(await files.read(path)).trim()
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text)
  throw new FailoverctlError('no-process', `${path} does not hold the number of a process`, 'Write it there when you start it.')
}
