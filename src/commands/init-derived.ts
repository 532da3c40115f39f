import type { Version } from '../collector/versions.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { readFault } from '../experiment/read-fault.ts'
import { type ComputedOutage, readmeFile } from '../kit/readme.ts'
import { plainText } from '../kit/why.ts'
import type { KitFile, KitWish } from '../kit/wish.ts'
import { computeOutage } from './compute-outage.ts'

/** The files of a set-up that are made from its config: computed times, alerts, experiments. */
export async function derivedFiles(wish: KitWish, files: readonly KitFile[], version: Version, host: Host): Promise<KitFile[]> {
  const gateway = plainText(files.find(({ path }) => path === 'gateway.yaml')?.text ?? '')
  const outages: ComputedOutage[] = []
  for (const { what, action, flag } of OUTAGES) {
    const wish = { faults: [readFault(action, WINDOW, flag)], claims: [], seed: 1 }
    const computed = await computeOutage([`yaml:${gateway}`], wish, version, host)
    if ('refused' in computed) throw new FailoverctlError('bug', `a written config is refused: ${computed.refused.reason}`)
    const { failover_time_s, recovery_time_s, ledger } = computed.simulation.outcome
    const command = `failoverctl simulate gateway.yaml ${flag} ${WINDOW}`
    outages.push({ what, command, failover_s: failover_time_s, recovery_s: recovery_time_s, lost: ledger.lost })
  }
  return [
    readmeFile(
      wish,
      files.map(({ path }) => path),
      outages,
    ),
  ]
}

/** Nine minutes without level 0, and a few seconds: an outage ends at no round time. */
const WINDOW = 'level0=60s..605s'
const OUTAGES = [
  { what: 'refuses connections', action: 'stop', flag: '--outage' },
  { what: 'takes them, answers nothing', action: 'pause', flag: '--hang' },
] as const
