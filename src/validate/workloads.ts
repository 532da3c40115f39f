import type { Component, Graph } from '../collector/graph.ts'
import { sendingOf } from '../collector/sending.ts'
import { asText, keyAt, settingsOf } from '../collector/settings.ts'
import { readDocuments } from '../source/read-yaml.ts'
import { lookup, type Value } from '../source/value.ts'
import type { Finding } from './check.ts'

/** What runs a collector in Kubernetes, as far as a manifest beside the config says. */
interface Workload {
  readonly kind: string
  /** The map that holds volumes, and the maps that hold mounts and ports. */
  readonly pod: Value | undefined
  readonly containers: readonly Value[]
  readonly spec: Value | undefined
}

const KINDS = ['Deployment', 'DaemonSet', 'StatefulSet']

/** What the one workload in manifests, texts by file, means for the config beside them. With several nobody knows which runs it. */
export function workloadFindings(manifests: ReadonlyMap<string, string>, graph: Graph): Finding[] {
  const workloads = Array.from(manifests).flatMap(([file, text]) =>
    Array.from(readDocuments(file, text)).flatMap(({ value }) => workloadOf(value) ?? []),
  )
  const [workload] = workloads
  if (!workload || workloads.length > 1) return []
  return [...volumeFindings(workload, graph), ...hostPortFindings(workload)]
}

function workloadOf(manifest: Value): Workload | undefined {
  const kind = asText(lookup(manifest, 'kind')) ?? ''
  const spec = lookup(manifest, 'spec')
  if (kind === 'OpenTelemetryCollector') {
    const mode = asText(lookup(spec, 'mode')) ?? 'deployment'
    return { kind: KINDS.find(name => name.toLowerCase() === mode) ?? mode, pod: spec, containers: spec ? [spec] : [], spec }
  }
  if (!KINDS.includes(kind)) return undefined
  const pod = lookup(spec, 'template', 'spec')
  return { kind, pod, containers: itemsOf(lookup(pod, 'containers')), spec }
}

const itemsOf = (value: Value | undefined): readonly Value[] => (value?.kind === 'list' ? value.items : [])

// By default file_storage keeps its files here (contrib 0.161.0, extension/storage/filestorage/factory.go).
const DEFAULT_FOLDER = '/var/lib/otelcol/file_storage'

function* volumeFindings(workload: Workload, graph: Graph): Generator<Finding> {
  for (const storage of storages(graph)) {
    const folder = settingsOf(storage).text('directory', DEFAULT_FOLDER)
    const mounts = workload.containers.flatMap(container => itemsOf(lookup(container, 'volumeMounts')))
    const mount = mounts.find(one => isBelow(folder.value, asText(lookup(one, 'mountPath'))))
    const name = asText(lookup(mount, 'name'))
    const volume = itemsOf(lookup(workload.pod, 'volumes')).find(one => asText(lookup(one, 'name')) === name)
    const emptyDir = keyAt(volume, ['emptyDir'])
    const what = `the queue in \`${storage.id}\` is gone with the`
    const hint = 'Mount a volume that stays there: `volumeClaimTemplates` of a StatefulSet, or a `hostPath` for a DaemonSet.'
    const finding = { rule: 'queue-volume-not-kept', severity: 'warning', kind: 'loss', hint } as const
    if (!mount)
      yield { ...finding, at: folder.at, message: `${what} container: the ${workload.kind} mounts no volume at its folder` }
    else if (emptyDir) yield { ...finding, at: emptyDir, message: `${what} pod: an \`emptyDir\` lives as long as its pod` }
  }
}

function storages({ components, failovers }: Graph): Set<Component> {
  const queues = [
    ...Array.from(components.exporters.values(), exporter => sendingOf(exporter).queue),
    ...failovers.map(({ queue }) => queue),
  ]
  const ids = queues.flatMap(queue => (queue?.enabled.value && queue.storage ? [queue.storage.id] : []))
  return new Set(ids.flatMap(id => components.extensions.get(id) ?? []).filter(({ type }) => type === 'file_storage'))
}

const isBelow = (folder: string, mount: string | undefined): boolean =>
  mount !== undefined && `${folder}/`.startsWith(`${mount.replace(/\/$/, '')}/`)

const STRATEGY: ReadonlyMap<string, string> = new Map([
  ['DaemonSet', 'updateStrategy'],
  ['Deployment', 'strategy'],
])

// Two pods cannot hold one port of a node: the old one has to go before the new one comes.
function* hostPortFindings({ kind, containers, spec }: Workload): Generator<Finding> {
  const port = containers.flatMap(container => itemsOf(lookup(container, 'ports'))).find(one => lookup(one, 'hostPort'))
  const at = keyAt(port, ['hostPort'])
  const strategy = STRATEGY.get(kind)
  if (!at || !strategy || lookup(spec, strategy, 'rollingUpdate', 'maxUnavailable')) return
  if (['Recreate', 'OnDelete'].includes(asText(lookup(spec, strategy, 'type')) ?? '')) return
  const message =
    kind === 'DaemonSet'
      ? 'a port of the node has one holder: an update leaves each node without a collector for a moment, one node after the other'
      : 'a port of the node has one holder: an update can wait for ever for a node where the port is free'
  const hint = `Say with \`${strategy}.rollingUpdate.maxUnavailable\` how many may be away at once, and let senders retry.`
  yield { rule: 'host-port-update', severity: kind === 'DaemonSet' ? 'info' : 'warning', kind: 'advice', at, message, hint }
}
