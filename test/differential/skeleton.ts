import type { Choices } from './choices.ts'
import { settingsFor } from './settings.ts'

export type Tree = { [key: string]: Node }
export type Node = Tree | Node[] | string | number | boolean | null

const NAMES = ['primary', 'secondary', 'backup', 'eu', 'a/b']
const EXPORTERS = ['otlp', 'otlp_grpc', 'otlphttp', 'otlp_http', 'file', 'debug', 'nop']
const SIGNALS = ['traces', 'metrics', 'logs']

/** A failover setup that a collector accepts: signals, levels and the components in them, with a few settings. */
export function skeleton(choices: Choices, folder: string): Tree {
  const [connectors, exporters, pipelines]: [Tree, Tree, Tree] = [{}, {}, {}]
  const processors: Tree = choices.chance(40) ? { batch: settingsFor(choices, 'batch', folder) } : {}
  if (choices.chance(40)) processors.memory_limiter = settingsFor(choices, 'memory_limiter', folder)
  for (const signal of SIGNALS.slice(0, 1 + choices.below(3))) {
    const id = signal === 'traces' ? 'failover' : `failover/${signal}`
    const levels: string[][] = []
    for (let level = 0; level <= 1 + choices.below(2); level++) levels.push(addLevel(level))
    connectors[id] = { priority_levels: levels, ...(settingsFor(choices, 'failover', folder) as Tree | null) }
    pipelines[signal] = { receivers: ['otlp'], ...chain(), exporters: [id] }

    function addLevel(level: number): string[] {
      return Array.from({ length: choices.chance(15) ? 2 : 1 }, (_, index) => {
        const name = `${NAMES[level + 2 * index]}`
        const exporter = `${choices.pick(EXPORTERS)}/${name}`
        exporters[exporter] ??= settingsFor(choices, exporter.split('/')[0] as string, folder)
        pipelines[`${signal}/${name}`] = { receivers: [id], ...(choices.chance(15) ? chain() : {}), exporters: [exporter] }
        return `${signal}/${name}`
      })
    }
  }

  function chain(): Tree {
    return Object.keys(processors).length > 0 && choices.chance(70) ? { processors: Object.keys(processors) } : {}
  }

  const extensions: Tree = {}
  for (const type of ['health_check', 'file_storage'])
    if (choices.chance(30)) extensions[type] = settingsFor(choices, type, folder)
  return {
    receivers: { otlp: settingsFor(choices, 'otlp_receiver', folder) },
    ...(Object.keys(processors).length > 0 ? { processors } : {}),
    exporters,
    connectors,
    ...(Object.keys(extensions).length > 0 ? { extensions } : {}),
    service: {
      ...(Object.keys(extensions).length > 0 ? { extensions: Object.keys(extensions) } : {}),
      ...(choices.chance(25) ? { telemetry: settingsFor(choices, 'telemetry', folder) } : {}),
      pipelines,
    },
  }
}
