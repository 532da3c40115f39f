import { dismissGuard, startGuard } from '../chaos/guard.ts'
import type { Target } from '../chaos/target.ts'
import { composeTarget } from '../chaos/targets/compose.ts'
import { dockerTarget } from '../chaos/targets/docker.ts'
import { kubernetesTarget } from '../chaos/targets/kubernetes.ts'
import { labTarget } from '../chaos/targets/lab.ts'
import { processTarget } from '../chaos/targets/process.ts'
import type { Allowed } from '../chaos/targets/process-settings.ts'
import { proxyTarget } from '../chaos/targets/proxy.ts'
import { clearUndoLog, lockChaos, pendingUndos, UNDO_LOG } from '../chaos/undo-log.ts'
import type { Graph } from '../collector/graph.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { type ContainerOptions, composeSettings, dockerSettings } from './chaos-containers.ts'
import { kubernetesSettings } from './chaos-kubernetes.ts'
import { processSettings } from './chaos-process.ts'

interface Asked {
  readonly graph: Graph
  readonly run: string
  /** The files that were named: of a collector, or of a proxy. */
  readonly config: readonly string[]
  readonly seed: number
  /** What --project says. */
  readonly project: string | undefined
  readonly allowed: Allowed
  readonly containers: ContainerOptions
}

/** What an experiment can run against, and how a report names it. */
export const TARGETS = {
  lab: {
    named: 'the embedded lab',
    open: ({ graph, run, seed }: Asked, host: Host): Promise<Target> => labTarget(graph, run, seed, host),
  },
  process: {
    named: 'processes on this machine',
    open: ({ graph, run, project, allowed }: Asked, host: Host): Promise<Target> =>
      guarded(async () => processTarget(await processSettings(project, allowed, host), graph, run, host), host),
  },
  docker: {
    named: 'containers',
    open: ({ graph, run, project, allowed, containers }: Asked, host: Host): Promise<Target> =>
      guarded(async () => dockerTarget(await dockerSettings(containers, project, allowed, host), graph, run, host), host),
  },
  compose: {
    named: 'the containers of a Compose project',
    open: ({ graph, run, project, allowed, containers }: Asked, host: Host): Promise<Target> =>
      guarded(async () => composeTarget(await composeSettings(containers, project, allowed, host), graph, run, host), host),
  },
  proxy: {
    named: 'the embedded proxy',
    open: ({ config, run }: Asked, host: Host): Promise<Target> => proxyTarget(config[0] ?? '', run, host),
  },
  kubernetes: {
    named: 'workloads of a cluster',
    open: ({ graph, run, project }: Asked, host: Host): Promise<Target> =>
      guarded(async () => kubernetesTarget(await kubernetesSettings(project, host), graph, run, host), host),
  },
}

export type TargetKind = keyof typeof TARGETS

/** A target whose faults outlive this process: nobody else makes faults meanwhile, and none is left from before. */
async function guarded(open: () => Promise<Target>, host: Host): Promise<Target> {
  const unlock = await lockChaos(host)
  try {
    const left = await pendingUndos(host)
    if (left.length > 0) {
      const faults = left.map(({ fault }) => fault).join(', ')
      throw new FailoverctlError(
        'left-over',
        `an earlier experiment was killed and has left: ${faults} (${UNDO_LOG})`,
        'Its guard may be at it; take it back now with: failoverctl chaos recover',
      )
    }
    const target = await open()
    const guard = await startGuard(host).catch(async error => {
      await target.close()
      throw error
    })
    const close = async () => {
      await target.close()
      await clearUndoLog(host)
      await unlock()
      await dismissGuard(guard, host)
    }
    return { ...target, close }
  } catch (error) {
    await unlock()
    throw error
  }
}
