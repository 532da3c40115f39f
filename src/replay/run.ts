import type { Host } from '../core/host.ts'
import type { Strategy } from '../failover/strategy.ts'
import type { Signal } from '../otlp/signal.ts'
import { type Backend, Backends } from './backends.ts'
import type { Checkpoint } from './checkpoint.ts'
import { ChunkPool } from './chunk.ts'
import { DeadLetters } from './dead-letters.ts'
import { FileRun } from './file-run.ts'
import type { Backup } from './find.ts'
import type { Processed } from './finish.ts'
import { Gatherer, type Limits } from './gather.ts'
import { Ledger } from './ledger.ts'
import { Poster } from './post.ts'
import { Pump } from './pump.ts'
import { rejectsFile } from './rejects.ts'
import type { LeftFile, Mine, Observer, Pace, Summary, Throttle, Transform } from './seams.ts'
import { isStream } from './shape.ts'
import { Stop } from './stop.ts'
import { Ways } from './ways.ts'

export interface ReplaySettings {
  /** Where checkpoint, dead letters and rejects are kept; this run holds its lock. */
  readonly state: string
  readonly backends: readonly Backend[]
  /** How several backends share the work; undefined: the first has all of it, and is waited for while it fails. */
  readonly strategy: Strategy | undefined
  /** Sends JSON as JSON and protobuf as protobuf; else everything as the destination's protocol says. */
  readonly keepsEncoding: boolean
  readonly processed: Processed
  readonly limits: Limits
  readonly concurrency: number
  /** Bytes of a line, at most. */
  readonly maxLine: number
  readonly giveUpMs: number
  readonly signal: Signal | undefined
  readonly throttle: Throttle
  readonly transform: Transform | undefined
  readonly mine: Mine | undefined
  readonly pace: Pace | undefined
  /** Ends the run as a person would, with its reason: the canary died. */
  readonly halted?: AbortSignal
}

type World = Pick<Host, 'clock' | 'random' | 'disk' | 'files' | 'network' | 'threads' | 'interrupted'>

/** What a run begins with: the files to read, and those that the system does not let us look into. */
export interface ReplayInput {
  readonly backups: readonly Backup[]
  readonly unreadable: readonly LeftFile[]
}

/**
 * Sends the backups, oldest first, until each line is acknowledged, kept as a dead letter, or left for the next run. Always
 * ends with a summary that adds up; throws only for a bug and for what is wrong before anything was read.
 */
export async function replay(
  { backups, unreadable }: ReplayInput,
  settings: ReplaySettings,
  checkpoint: Checkpoint,
  world: World,
  observe: Observer,
): Promise<Summary> {
  const startedAt = world.clock.now()
  const stop = new Stop()
  const interrupt = () => stop.now('interrupted', 'interrupted')
  if (world.interrupted.aborted) interrupt()
  world.interrupted.addEventListener('abort', interrupt, { once: true })
  settings.halted?.addEventListener('abort', () => stop.now('gave-up', String(settings.halted?.reason)), { once: true })
  const ledger = new Ledger(unreadable)
  const pool = ChunkPool.for(settings.limits)
  const letters = new DeadLetters(settings.state, world.disk)
  const rejects = rejectsFile(settings.state, world.disk)
  const ways = new Ways({ processed: settings.processed, checkpoint, ledger, pool, observe, world })
  const files = new FileRun({ settings, checkpoint, ledger, letters, pool, ways, stop, observe, world })
  const pump = new Pump(settings, {
    backends: new Backends(settings.backends, settings.strategy, world, observe),
    throttle: settings.throttle,
    checkpoint,
    ledger,
    stop,
    observe,
    world,
    poster: new Poster(world, settings.keepsEncoding),
    bury: (line, reason) => files.bury(line, reason),
    noteRejects: rejects.note,
    released: (lines, settled, reusable) => ways.release(lines, settled, reusable),
  })
  const gatherer = new Gatherer(settings.limits)
  observe({ kind: 'started', files: backups.map(backup => started(backup, checkpoint)) })
  try {
    for (const backup of backups) {
      if (stop.cause !== undefined) break
      await files.read(backup, gatherer, pump)
    }
    for (const lines of gatherer.rest()) await pump.send(lines)
    await pump.drain()
    await ways.finishAll()
    await checkpoint.durable()
  } catch (error) {
    stop.cannotKeep(error)
    // What was read and not sent is given back.
    for (const lines of gatherer.rest()) await pump.send(lines)
    await pump.drain()
  } finally {
    world.interrupted.removeEventListener('abort', interrupt)
    await letters.close()
    await rejects.close()
  }
  const summary = ledger.summary(
    { found: backups.length },
    { unreadBytes: ways.unread(backups), elapsedMs: world.clock.now() - startedAt, stopped: stop.reason },
  )
  observe({ kind: 'ended', summary })
  return summary
}

const started = ({ file: { id, path, size }, shape }: Backup, checkpoint: Checkpoint) => ({
  path,
  bytes: size,
  // A packed stream is read from its start again.
  done: isStream(shape) ? 0 : Math.min(size, checkpoint.settledIn(id).total),
})
