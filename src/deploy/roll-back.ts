import { sleep } from '../core/clock.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { isLostConnection } from '../platforms/kubectl-errors.ts'
import type { Journal } from './journal.ts'
import { probe } from './probe.ts'
import type { DeployResult } from './result.ts'
import type { Tell } from './run.ts'
import { runningPorts } from './running-config.ts'
import type { Change, DeployTarget } from './target.ts'

interface Given {
  readonly withinMs: number
  /** Why: it goes into the history. */
  readonly reason: string
  readonly host: Host
  readonly probes: boolean
  readonly tell: Tell
}

type Back = Pick<DeployResult, 'outcome' | 'differences' | 'reason' | 'theirs'>

const AGAIN_MS = 3000

/** Puts the old state back and proves it. Never throws: what cannot be done now stays in the record for `deploy recover`. */
export async function rollBack(target: DeployTarget, change: Change, journal: Journal, given: Given): Promise<Back> {
  const back = await tryBack(target, change, journal, given)
  if (back.outcome === 'unfinished') await journal.giveUp()
  return back
}

async function tryBack(target: DeployTarget, change: Change, journal: Journal, given: Given): Promise<Back> {
  const { withinMs, reason, host, tell, probes } = given
  const until = host.clock.now() + withinMs
  // A second Ctrl-C does not reach this: half of a rollback is worse than none.
  const wait = {
    withinMs,
    beat: (state: string) => {
      tell(state)
      return journal.beat()
    },
  }
  for (;;) {
    try {
      await journal.phase('roll back')
      await target.restore(change, wait)
      const ill = probes && change.wasWell ? await unwell(target, change, until, host, tell) : undefined
      const differences = [...(await target.differences(change)), ...(ill === undefined ? [] : [ill])]
      if (differences.length > 0) return { outcome: 'unfinished', differences, reason: `${reason}; not everything is as it was` }
      await journal.end('rolled back', change.config || undefined, reason)
      return { outcome: 'rolled back', differences: [], reason }
    } catch (error) {
      if (error instanceof FailoverctlError && error.code === 'conflict') return theirs(error, journal, change, reason)
      if (isLostConnection(error) && host.clock.now() < until) {
        tell(`no connection, trying again: ${(error as Error).message}`)
        await sleep(host.clock, AGAIN_MS)
        continue
      }
      return { outcome: 'unfinished', differences: undefined, reason: `${reason}; the rollback failed: ${messageOf(error)}` }
    }
  }
}

/** Why the collectors are not healthy with the old config; they may need a moment. */
async function unwell(
  target: DeployTarget,
  { backup }: Change,
  until: number,
  host: Host,
  tell: Tell,
): Promise<string | undefined> {
  const ports = await runningPorts(backup.config, host)
  if (!ports) return undefined
  for (;;) {
    const { ill } = await probe(target, undefined, ports, { holdMs: 0, before: new Map(), signal: undefined }, host)
    if (ill === undefined || host.clock.now() >= until) return ill
    tell(`back: ${ill}`)
    await sleep(host.clock, 1000)
  }
}

// What somebody else has put there stays: it is newer than what we would put back.
async function theirs(error: FailoverctlError, journal: Journal, change: Change, reason: string): Promise<Back> {
  // It may be the conflict that has stopped the change.
  const why = error.message.startsWith(reason) ? error.message : `${reason}; ${error.message}`
  const told = `${why}${error.hint ? `\n${error.hint}` : ''}`
  await journal.end('conflict', change.config || undefined, told).catch(() => {})
  return { outcome: 'conflict', differences: undefined, reason: told, theirs: error.cause as Back['theirs'] }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
