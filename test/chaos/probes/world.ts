import type { RunView } from '../../../src/chaos/events.ts'
import type { ProbeWorld } from '../../../src/chaos/probes/probe.ts'
import type { TargetBackend } from '../../../src/chaos/target.ts'
import { readGraph } from '../../../src/collector/read-graph.ts'
import type { Network } from '../../../src/core/host.ts'
import { readExperiment } from '../../../src/experiment/read-experiment.ts'
import { parsePrometheus } from '../../../src/metrics/prometheus.ts'
import { emptyLedger } from '../../../src/otlp/ledger.ts'
import { Witness } from '../../../src/otlp/witness.ts'
import { readYaml } from '../../../src/source/read-yaml.ts'
import type { MapValue } from '../../../src/source/value.ts'
import { fakeHost } from '../../fake-host.ts'

const CONFIG = `
extensions: { health_check: { endpoint: 127.0.0.1:13133, path: /health } }
receivers: { otlp: { protocols: { http: } } }
exporters: { otlp/primary: {}, otlp/secondary: {} }
connectors: { failover: { priority_levels: [[traces/primary], [traces/secondary]] } }
service:
  extensions: [health_check]
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/primary: { receivers: [failover], exporters: [otlp/primary] }
    traces/secondary: { receivers: [failover], exporters: [otlp/secondary] }
`
const graph = readGraph(readYaml('a.yaml', CONFIG) as MapValue)

/** A run that stands where a test puts it: what the collector shows, what was sent, what the backends hold. */
export function world(request: Network['request'] = async () => ({ kind: 'not-sent', reason: 'connection refused' })) {
  const host = fakeHost({ env: { TOKEN: 'hush' }, network: { request } })
  const held = { primary: new Witness(), secondary: new Witness() }
  const ledger = emptyLedger()
  const backends = Object.entries(held).map(([name, witness]) => ({
    name,
    exporters: [`otlp/${name}`],
    witness: async () => witness,
  })) as unknown as TargetBackend[]
  const scrape = { text: '', level: undefined as number | undefined }
  const view: RunView = {
    now: () => host.clock.now() / 1000,
    get level() {
      return scrape.level
    },
    get samples() {
      return parsePrometheus(scrape.text)
    },
    get sent() {
      return ledger.sent
    },
    get acknowledged() {
      return ledger.acknowledged.size
    },
    get refused() {
      return ledger.refused.size
    },
    get unknown() {
      return ledger.unknown.size
    },
    ledger,
    peakQueue: 0,
  }
  const failover = graph.failovers[0]
  const probing: ProbeWorld = { host, target: { backends }, graph, failover, rate: 10 }
  return { host, held, ledger, scrape, view, probing }
}

/** Probes as a file says them, one a line. */
export const wished = (...lines: readonly string[]) =>
  readExperiment(
    'x.yaml',
    `steady-state-hypothesis:\n  probes:\n${lines.map(line => `    - { ${line} }\n`).join('')}method: []\n`,
  ).probes
