import type { Host } from '../core/host.ts'
import { type Checked, type Finding, inOrderOf } from '../validate/check.ts'
import { hostErrors, hostNotes, strictVariables } from '../validate/on-host.ts'
import { type Upgrade, upgradeFindings } from '../validate/upgrade.ts'

export interface Closer {
  /** This machine is the one that the collector runs on. */
  readonly onHost: boolean
  readonly upgrade?: Upgrade
}

/** What flags add to a check: the machine that the config is for, or, instead of everything else, the way to another release. */
export async function lookCloser(checked: Checked, { onHost, upgrade }: Closer, host: Host): Promise<Checked> {
  const { graph, files } = checked
  if (upgrade) return { ...checked, findings: upgradeFindings(graph, upgrade) }
  const findings: Finding[] = onHost
    ? [...strictVariables(checked.findings), ...(await hostErrors(graph, host))]
    : [...checked.findings, ...hostNotes(graph)]
  return { ...checked, findings: findings.sort(inOrderOf(files)) }
}
