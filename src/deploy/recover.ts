import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { holderOf, isWorkedOn, Journal } from './journal.ts'
import type { DeployResult } from './result.ts'
import { rollBack } from './roll-back.ts'
import type { Tell } from './run.ts'
import type { DeployTarget } from './target.ts'

/** Puts back what a deployment that was cut off left half done; undefined when nothing is left. Throws `locked` while somebody works on it. */
export async function recover(
  target: DeployTarget,
  { timeoutMs, probes }: { readonly timeoutMs: number; readonly probes: boolean },
  host: Host,
  tell: Tell,
): Promise<DeployResult | undefined> {
  const record = await target.store.read()
  const { attempt } = record
  if (!attempt) return undefined
  if (await isWorkedOn(target, attempt, host))
    throw new FailoverctlError(
      'locked',
      `${attempt.by.user}@${attempt.by.host} works on ${target.name}`,
      'Wait until it is done.',
    )
  const startedAt = host.clock.now()
  const journal = new Journal(target, record, host)
  await journal.adopt(await holderOf(host))
  const change = {
    id: attempt.id,
    config: '',
    hash: attempt.hash,
    canary: false,
    wasWell: attempt.wasWell,
    backup: attempt.backup,
  }
  const reason = `cut off after: ${attempt.phase}`
  const back = await rollBack(target, change, journal, { withinMs: timeoutMs, probes, reason, host, tell })
  return {
    target: target.name,
    id: attempt.id,
    levels: {},
    remarks: [],
    took_s: Math.round((host.clock.now() - startedAt) / 100) / 10,
    interrupted: false,
    ...back,
  }
}
