import type { Graph } from '../../collector/graph.ts'
import type { Host } from '../../core/host.ts'
import type { Backend } from '../../lab/backend.ts'
import { startLab, trafficReceiver } from '../../lab/lab.ts'
import { parsePrometheus } from '../../metrics/prometheus.ts'
import { parseFault } from '../../sink/parse-fault.ts'
import type { Target, TargetBackend } from '../target.ts'

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
      can: new Set(['stop', 'pause', 'answer']),
      backends: lab.backends.map(asTargetBackend),
      trafficUrl: url,
      trafficOver: transport,
      notes: lab.notes,
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

function asTargetBackend(backend: Backend): TargetBackend {
  const fault = (text: string) => () => backend.become(parseFault(text))
  const none = () => backend.become()
  return {
    name: backend.name,
    exporters: backend.exporters,
    stop: fault('refuse'),
    // The lab has no process to kill; what it `can` says so.
    kill: fault('refuse'),
    start: none,
    pause: fault('hang'),
    resume: none,
    answer: status => backend.become(parseFault(`status=${status}`)),
    mark: fromSequence => backend.mark(fromSequence),
    firstArrival: () => backend.firstSinceMark,
    witness: async () => backend.witness,
  }
}
