import { makeAlerts } from '../alerts/make.ts'
import { readGraph } from '../collector/read-graph.ts'
import type { Version } from '../collector/versions.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { readFault } from '../experiment/read-fault.ts'
import { alertRules, prometheusRule } from '../formats/alert-rules.ts'
import { alertTests } from '../formats/alert-tests.ts'
import { type ComputedOutage, readmeFile } from '../kit/readme.ts'
import { plainText } from '../kit/why.ts'
import type { KitFile, KitWish } from '../kit/wish.ts'
import { readConfig } from '../source/read-config.ts'
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
  const derived = await alertFiles(wish, gateway, version, host)
  const paths = [...files, ...derived].map(({ path }) => path)
  return [...derived, readmeFile(wish, paths, outages)]
}

/** Rules for Prometheus with their unit tests, and the same as a resource where the cluster may have the operator. */
async function alertFiles(wish: KitWish, gateway: string, version: Version, { files, env }: Host): Promise<KitFile[]> {
  const { root } = await readConfig([`yaml:${gateway}`], { read: path => files.read(path), env })
  const kubernetes = wish.platform === 'kubernetes' ? { namespace: wish.namespace, container: 'collector' } : undefined
  const { alerts } = makeAlerts(readGraph(root, version), { ...SITUATION, kubernetes }, { only: [], skip: [] })
  const made = `# Made for collector ${version.text}; make it anew when gateway.yaml changes: failoverctl alerts gateway.yaml\n`
  const named = { name: wish.name, namespace: wish.namespace, labels: {} }
  return [
    { path: 'alerts.yaml', text: alertRules(alerts, DRESS, made) },
    { path: 'alerts-tests.yaml', text: alertTests(alerts, DRESS, 'alerts.yaml', made) },
    ...(kubernetes ? [{ path: 'alerts-resource.yaml', text: prometheusRule(alerts, DRESS, made, named) }] : []),
  ]
}

const DRESS = { labels: {}, runbookUrl: undefined }
const SITUATION = {
  job: undefined,
  by: [],
  spelling: undefined,
  levelFrom: undefined,
  backendUp: new Map<string, string>(),
  queueFull: 0.8,
  itemBytes: 600,
}

/** Nine minutes without level 0, and a few seconds: an outage ends at no round time. */
const WINDOW = 'level0=60s..605s'
const OUTAGES = [
  { what: 'refuses connections', action: 'stop', flag: '--outage' },
  { what: 'takes them, answers nothing', action: 'pause', flag: '--hang' },
] as const
