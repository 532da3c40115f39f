import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { timestamp } from '../core/timestamp.ts'
import { holderOf, Journal } from './journal.ts'
import { NO_PORTS, type Ports, probe } from './probe.ts'
import type { DeployRecord } from './record.ts'
import type { DeployResult } from './result.ts'
import { rollBack } from './roll-back.ts'
import type { Change, DeployTarget, Wait } from './target.ts'

export interface Settings {
  /** For each stage to settle, and again for a rollback. */
  readonly timeoutMs: number
  /** How long what is ready is watched. */
  readonly holdMs: number
  readonly probes: boolean
}

export interface Wanted {
  readonly change: Change
  readonly ports: Ports
  /** Connector → level, before the change. */
  readonly before: ReadonlyMap<string, number>
}

export type Tell = (text: string) => void

/**
 * Makes a change and stays until it is proved to run; whatever goes wrong, a Ctrl-C included, ends in the old state, proved too.
 * Throws only before the first change is made.
 */
export async function deploy(
  target: DeployTarget,
  record: DeployRecord,
  { change, ports, before }: Wanted,
  settings: Settings,
  host: Host,
  tell: Tell,
): Promise<DeployResult> {
  const { clock, interrupted: signal } = host
  const startedAt = clock.now()
  const journal = new Journal(target, record, host)
  const { id, hash, backup, config, wasWell } = change
  signal.throwIfAborted()
  const by = await holderOf(host)
  const at = timestamp(clock.epochMs())
  await journal.begin({ id, by, at, hash, address: target.address, backup, wasWell, phase: 'begun', beat: 0 }).catch(refuseRace)
  const wait: Wait = {
    withinMs: settings.timeoutMs,
    signal,
    beat: state => {
      tell(state)
      return journal.beat()
    },
  }
  const result = (outcome: DeployResult['outcome'], more: Partial<DeployResult> = {}): DeployResult => ({
    outcome,
    target: target.name,
    id,
    reason: undefined,
    differences: undefined,
    levels: {},
    remarks: [],
    took_s: Math.round((clock.now() - startedAt) / 100) / 10,
    interrupted: signal.aborted,
    ...more,
  })

  let reason: string
  try {
    const found = await goForward()
    if (found.wrong === undefined) {
      await journal.end('deployed', config)
      return result('deployed', { levels: Object.fromEntries(found.levels), remarks: found.remarks })
    }
    reason = found.wrong
  } catch (error) {
    if (error instanceof FailoverctlError && error.code === 'bug') tell(error.message)
    reason = signal.aborted ? 'interrupted' : error instanceof Error ? error.message : String(error)
  }
  tell(`${reason}; rolling back`)
  const back = await rollBack(target, change, journal, {
    withinMs: settings.timeoutMs,
    probes: settings.probes,
    reason,
    host,
    tell,
  })
  return result(back.outcome, { ...back, reason: back.reason ?? reason })

  async function goForward() {
    let last = {
      wrong: undefined as string | undefined,
      ill: undefined as string | undefined,
      levels: new Map() as ReadonlyMap<string, number>,
      remarks: [] as readonly string[],
    }
    for (const stage of target.stages(change)) {
      for (const step of stage.steps) {
        signal.throwIfAborted()
        tell(step.name)
        await journal.phase(step.name)
        await step.make()
      }
      tell(`wait: ${stage.name}`)
      const stuck = await target.settle(change, stage, wait)
      if (stuck !== undefined) return { ...last, wrong: stuck }
      const wrong = await target.inspect(change)
      if (wrong !== undefined) return { ...last, wrong }
      tell(settings.holdMs > 0 ? `watch for ${settings.holdMs / 1000}s: ${stage.name}` : `look at ${stage.name}`)
      await journal.phase(`watch ${stage.name}`)
      last = await probe(target, change, settings.probes ? ports : NO_PORTS, { holdMs: settings.holdMs, before, signal }, host)
      if (last.wrong !== undefined) return last
    }
    return last
  }
}

const refuseRace = (error: unknown): never => {
  if (error instanceof FailoverctlError && error.code === 'conflict')
    throw new FailoverctlError('locked', 'somebody else began to deploy to this target just now', 'Wait until it is done.')
  throw error
}
