import type { Graph } from '../../collector/graph.ts'
import type { Host } from '../../core/host.ts'
import { type Lab, startLab, trafficReceiver } from '../../lab/lab.ts'
import { parsePrometheus } from '../../metrics/prometheus.ts'
import type { Subject, Target } from '../target.ts'
import { embeddedBackend } from './embedded-backend.ts'

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
      backends: lab.backends.map(embeddedBackend),
      collector: asSubject(lab.collector),
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

/** It dies and is started again; the model knows no orderly end. */
const asSubject = ({ crash, restart }: Lab['collector']): Subject => ({
  name: 'collector',
  can: new Set(['kill']),
  cannot: { stop: 'the model of its collector knows no orderly end, only a crash' },
  prepare: async () => ({ inject: crash, undo: restart }),
})
