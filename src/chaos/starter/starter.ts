import type { Graph } from '../../collector/graph.ts'
import { sendingOf } from '../../collector/sending.ts'
import { FailoverctlError } from '../../core/errors.ts'
import { groupByBackend } from '../../outage/backends.ts'
import { exportersOf } from '../../outage/expected-level.ts'
import { type FailureMode, MODES, type Mode } from './modes.ts'

export interface StarterWish {
  readonly graph: Graph
  /** As the file is to name them. */
  readonly config: readonly string[]
  readonly mode: FailureMode
  /** undefined: the first that can do it. */
  readonly target: string | undefined
}

/** An experiment file for this config, with a comment at each decision. Throws `wrong-use` where the config or target has no use for it. */
export function starter({ graph, config, mode, target: wished }: StarterWish): string {
  const { title, says, method, keepsLevel, queueProbes, targets, traffic = '50/s' }: Mode = MODES[mode]
  const target = wished ?? (targets[0] as string)
  if (!targets.includes(target)) {
    throw new FailoverctlError('wrong-use', `${mode} cannot be made on the target ${target}`, `It can on ${targets.join(', ')}.`)
  }
  const names = backendsOf(graph)
  const hasLevels = graph.failovers.length > 0
  const hasHealth = graph.extensions.some(({ id }) => id === 'health_check' || id.startsWith('health_check/'))
  // While the collector itself is down its queues cannot be seen.
  const abort = hasQueue(graph) && !dies(mode) ? ROOM : MISSING
  const measures = [
    '- { measure: lost, tolerance: 0 }',
    ...(hasLevels && !keepsLevel && mode !== 'pod-crash' && mode !== 'memory-pressure'
      ? ["- { measure: failover_time, tolerance: '< 30s' }"]
      : []),
  ]
  const looks = [
    ...(hasLevels ? ['- { probe: level, tolerance: 0 }'] : []),
    ...(hasHealth ? ['- { probe: health }'] : []),
    abort.probe,
    ...(hasQueue(graph) ? queueProbes : []),
  ]
  return `# ${title}.
${says.map(line => `# ${line}\n`).join('')}#
# Look first:  failoverctl chaos --experiment FILE --dry-run
# Run it:      failoverctl chaos --experiment FILE
# It can run on: ${targets.join(', ')}.${target === 'lab' ? '' : ' The project file (failoverctl.yaml) describes the target.'}
title: ${title}
config: ${config.length === 1 ? quoted(config[0] as string) : `[${config.map(quoted).join(', ')}]`}
target: ${target}

configuration:
  # Spans per second: enough to see a change at once, little enough to disturb nobody.
  traffic: ${traffic}
  steady: 2s
  hold: 10s
  # A fault that lasts longer is taken back, and the run ends.
  max-fault: 2m
  max-lost: 0

# Nothing else is made to fail, whatever stands below.
blast-radius: [${blastRadius(mode, names).join(', ')}]
# Probes that end the run when they fail; \`none\` where nothing shall.
abort-on: [${abort.name}]

steady-state-hypothesis:
  probes:
    # Figures of the whole run.
${indented(measures)}
    # What is seen in between; without \`when\`, before the first fault and after the drain.
${indented(looks)}

method:
${method(names)
  .map(line => `  ${line}\n`)
  .join('')}`
}

const ROOM = {
  name: 'room in the queues',
  probe: "- { probe: queue, name: room in the queues, when: continuous, tolerance: '< 90%' }",
}
const MISSING = {
  name: 'spans arrive',
  probe: "- { probe: loss, name: spans arrive, when: continuous, after: 1m, tolerance: '< 50%' }",
}

const dies = (mode: FailureMode) => mode === 'pod-crash' || mode === 'node-loss' || mode === 'bad-config'

const hasQueue = ({ components, failovers }: Graph): boolean =>
  failovers.some(({ queue }) => queue.enabled.value) ||
  [...components.exporters.values()].some(exporter => sendingOf(exporter).queue?.enabled.value === true)

const indented = (lines: readonly string[]) => lines.map(line => `    ${line}`).join('\n')

const quoted = (text: string) => (/^[\w./-]+$/.test(text) ? text : JSON.stringify(text))

function backendsOf({ failovers, components, pipelines }: Graph): { readonly first: string; readonly all: readonly string[] } {
  const levels = failovers.find(({ sources }) => sources.some(({ signal }) => signal === 'traces'))?.levels.map(exportersOf)
  const traces = [...pipelines.values()].filter(({ signal }) => signal === 'traces')
  const used = levels?.flat() ?? traces.flatMap(({ exporters }) => exporters.map(({ id }) => id))
  // A file has nobody behind it that could go away.
  const remote = used.flatMap(id => components.exporters.get(id) ?? []).filter(({ type }) => type !== 'file')
  const all = groupByBackend(remote).map(({ name }) => name)
  const [first] = all
  if (first !== undefined) return { first, all }
  throw new FailoverctlError('wrong-use', 'no exporter of this config takes traces', 'An experiment sends traces.')
}

function blastRadius(
  mode: FailureMode,
  { first, all }: { readonly first: string; readonly all: readonly string[] },
): readonly string[] {
  if (mode === 'backend-down' || mode === 'partition') return [first]
  if (mode === 'memory-pressure') return all
  return mode === 'pod-crash' ? [...all, 'collector'] : ['collector']
}
