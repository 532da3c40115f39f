import type { Graph } from '../../collector/graph.ts'
import type { Host } from '../../core/host.ts'
import type { Backend } from '../../lab/backend.ts'
import { startLab, trafficReceiver } from '../../lab/lab.ts'
import { parsePrometheus } from '../../metrics/prometheus.ts'
import { parseFault } from '../../sink/parse-fault.ts'
import type { PlannedFault } from '../experiment.ts'
import type { Deed, Target, TargetBackend } from '../target.ts'

const SCRAPE_TIMEOUT_MS = 2000

/** The embedded collectors as a target. They end with this process, so their faults need no undo on disk. */
export async function labTarget(graph: Graph, run: string, seed: number, host: Host): Promise<Target> {
  const folder = await host.files.temporaryFolder('failoverctl-lab')
  const lab = await startLab({ graph, freePorts: true, seed, run, folder }, host).catch(async error => {
    await host.files.remove(folder)
    throw error
  })
  const close = async () => {
    await lab.close()
    await host.files.remove(folder)
  }
  try {
    const { url, transport } = trafficReceiver(lab, graph)
    return {
      name: 'the embedded lab',
      backends: lab.backends.map(asTargetBackend),
      trafficUrl: url,
      trafficOver: transport,
      notes: lab.notes,
      metricsUrl: lab.metricsUrl,
      healthUrl: lab.healthUrl,
      async scrape() {
        const reply = await host.network.request({ method: 'GET', url: lab.metricsUrl, timeoutMs: SCRAPE_TIMEOUT_MS })
        return reply.kind === 'answer' ? parsePrometheus(new TextDecoder().decode(reply.body)) : []
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** How a backend of the lab, which is a sink, behaves meanwhile. It has no process to kill; what it can says so. */
const BEHAVIOURS: Readonly<Partial<Record<Deed, (fault: PlannedFault) => string>>> = {
  stop: () => 'refuse',
  pause: () => 'hang',
  reject: ({ status = 503 }) => `status=${status}`,
  'partial-success': ({ share = 1 }) => `partial=${share * 100}%`,
  reset: () => 'reset',
  // Nobody is told: connections are taken and nothing comes back, which is what a dropped packet looks like from here.
  partition: () => 'hang',
  latency: ({ latencyMs = 0 }) => `slow=${latencyMs}ms`,
}

function asTargetBackend(backend: Backend): TargetBackend {
  return {
    name: backend.name,
    exporters: backend.exporters,
    can: new Set(Object.keys(BEHAVIOURS) as Deed[]),
    async prepare(deed, fault) {
      const behaviour = parseFault(BEHAVIOURS[deed]?.(fault) ?? '')
      return { inject: () => backend.become(behaviour), undo: () => backend.become() }
    },
    mark: fromSequence => backend.mark(fromSequence),
    firstArrival: () => backend.firstSinceMark,
    witness: async () => backend.witness,
  }
}
