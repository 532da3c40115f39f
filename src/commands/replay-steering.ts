import { parseDuration } from '../core/duration.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { newRun } from '../otlp/identity.ts'
import { parseFilter } from '../replay/filter/parse.ts'
import type { Backup } from '../replay/find.ts'
import type { Intervals } from '../replay/intervals.ts'
import type { Mine, Pace, Transform } from '../replay/seams.ts'
import { mineOf } from '../replay/shard.ts'
import type { CanaryResult } from '../replay/throttle/canary.ts'
import { ReplayThrottle } from '../replay/throttle/throttle.ts'
import { firstRecordedMs } from '../replay/transform/first-recorded.ts'
import { paceOf } from '../replay/transform/pace.ts'
import { transformOf } from '../replay/transform/transform.ts'
import type { SteeringOptions } from './replay-flags.ts'

/** Which lines are sent, and how they are changed on their way. */
export interface Selection {
  readonly transform: Transform | undefined
  readonly mine: Mine | undefined
}

type FindAll = () => Promise<readonly Backup[]>

/** The whole backup, and what of it is sent already. It is asked only where all has to be known first. */
export interface Whole {
  readonly backups: FindAll
  settledIn(id: string): Intervals
}

export async function selectionOf(
  options: SteeringOptions & { readonly maxLine: number; readonly fromDeadLetter: boolean },
  state: string,
  whole: Whole,
  host: Host,
): Promise<Selection> {
  const { since, until, filter, dedup, mark, shard, fromDeadLetter } = options
  const now = host.clock.epochMs()
  const sinceMs = since === undefined ? undefined : pointInTime('--since', since, now)
  const untilMs = until === undefined ? undefined : pointInTime('--until', until, now)
  // All would be left out, settled as such, and put away.
  if (sinceMs !== undefined && untilMs !== undefined && sinceMs >= untilMs)
    throw new FailoverctlError(
      'wrong-use',
      `--since ${since} is not before --until ${until}`,
      'Did you mean the other way round?',
    )
  return {
    transform: transformOf({
      sinceMs,
      untilMs,
      filter: filter === undefined ? undefined : parseFilter(filter),
      dedup,
      shiftMs: await shiftOf(options, state, whole, host),
      mark: mark === true ? newRun(host.random) : mark,
    }),
    // Its dead letters are a shard's own, wherever they lie in their file.
    mine: shard === undefined || fromDeadLetter ? undefined : mineOf(shard),
  }
}

export const paceFor = ({ speed }: SteeringOptions, { clock }: Host): Pace | undefined =>
  speed === undefined ? undefined : paceOf(speed, clock)

export async function throttleFor(
  options: SteeringOptions & { readonly concurrency: number },
  backups: FindAll,
  { clock }: Host,
  looked: (result: CanaryResult) => void,
): Promise<ReplayThrottle> {
  const { concurrency, rate, delay, rampUp, adaptive, maxLatencyFactor, canary, canaryThreshold } = options
  return new ReplayThrottle(
    {
      concurrency,
      rates: rate,
      delayMs: delay,
      rampUpMs: rampUp,
      maxLatencyFactor: adaptive ? maxLatencyFactor : undefined,
      canary:
        canary === undefined
          ? undefined
          : {
              share: canary,
              totalBytes: (await backups()).reduce((sum, { file }) => sum + file.size, 0),
              threshold: canaryThreshold,
            },
    },
    clock,
    looked,
  )
}

/** A time of ISO 8601, or a duration back from now. */
function pointInTime(flag: string, text: string, now: number): number {
  const back = parseDuration(text)
  const at = back === undefined ? Date.parse(text) : now - back
  if (!Number.isNaN(at)) return at
  throw new FailoverctlError('wrong-use', `${flag}: ${text} is no time`, 'Examples: 2026-11-21T03:00:00Z, 2026-11-21, 2h.')
}

/** A run that was stopped goes on with the shift that it began with. */
const SHIFT_FILE = 'time-shift'

async function shiftOf(
  { timeShift, maxLine, dryRun }: SteeringOptions & { readonly maxLine: number },
  state: string,
  { backups, settledIn }: Whole,
  host: Host,
): Promise<number | undefined> {
  if (timeShift === undefined) return undefined
  if (timeShift !== 'now') {
    const ms = parseDuration(timeShift)
    if (ms !== undefined) return ms
    throw new FailoverctlError(
      'wrong-use',
      `--time-shift: ${timeShift} is neither now nor a duration`,
      'Examples: now, +2h, -30m.',
    )
  }
  const path = `${state}/${SHIFT_FILE}`
  if (await host.files.exists(path)) return Number(new TextDecoder().decode(await host.files.read(path)))
  const first = await firstRecordedMs(await backups(), maxLine, settledIn, host)
  if (first === undefined) return 0
  const shift = Math.round(host.clock.epochMs() - first)
  if (!dryRun) await host.files.write(path, new TextEncoder().encode(String(shift)))
  return shift
}

/** The next outage has another one. */
export const forgetShift = (state: string, { disk }: Host): Promise<void> => disk.remove(`${state}/${SHIFT_FILE}`)
