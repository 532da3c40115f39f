import { makeAlerts } from '../alerts/make.ts'
import { type FailureMode, MODES } from '../chaos/starter/modes.ts'
import { starter } from '../chaos/starter/starter.ts'
import type { Graph } from '../collector/graph.ts'
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
  const { root } = await readConfig([`yaml:${gateway}`], { read: path => host.files.read(path), env: host.env })
  const graph = readGraph(root, version)
  const derived = [...alertFiles(wish, graph, version), ...experimentFiles(wish, graph, gateway)]
  const paths = [...files, ...derived].map(({ path }) => path)
  return [...derived, readmeFile(wish, paths, outages)]
}

/** Rules for Prometheus with their unit tests, and the same as a resource where the cluster may have the operator. */
function alertFiles(wish: KitWish, graph: Graph, version: Version): KitFile[] {
  const kubernetes = wish.platform === 'kubernetes' ? { namespace: wish.namespace, container: 'collector' } : undefined
  const { alerts } = makeAlerts(graph, { ...SITUATION, kubernetes }, { only: [], skip: [] })
  const made = `# Made for collector ${version.text}; make it anew when gateway.yaml changes: failoverctl alerts gateway.yaml\n`
  const named = { name: wish.name, namespace: wish.namespace, labels: {} }
  return [
    { path: 'alerts.yaml', text: alertRules(alerts, DRESS, made) },
    { path: 'alerts-tests.yaml', text: alertTests(alerts, DRESS, 'alerts.yaml', made) },
    ...(kubernetes ? [{ path: 'alerts-resource.yaml', text: prometheusRule(alerts, DRESS, made, named) }] : []),
  ]
}

/** One for each failure mode of a collector; on the lab, which needs nothing, wherever that can make it. */
function experimentFiles({ endpoints }: KitWish, graph: Graph, gateway: string): KitFile[] {
  const modes = Object.keys(MODES) as FailureMode[]
  const experiments = modes.map(mode => {
    const text = starter({ graph, config: ['../gateway.yaml'], mode, target: undefined })
    return { path: `experiments/${mode}.yaml`, text }
  })
  const broken = `# The gateway with a wrong address of its first backend: what bad-config.yaml rolls out.\n${gateway.replace(endpoints[0] ?? '', 'http://127.0.0.1:9')}`
  return [...experiments, { path: 'experiments/changed.yaml', text: broken }]
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
