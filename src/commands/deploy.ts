import { Command, Option } from 'commander'
import type { Graph } from '../collector/graph.ts'
import type { Version } from '../collector/versions.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { holderOf, lockTarget, refuseUnfinished } from '../deploy/journal.ts'
import { type ProbeResult, portsOf, probe } from '../deploy/probe.ts'
import { hashOf } from '../deploy/record.ts'
import { type DeployResult, exitOf } from '../deploy/result.ts'
import { deploy as run } from '../deploy/run.ts'
import { runningPorts } from '../deploy/running-config.ts'
import type { Change, DeployTarget, Looked } from '../deploy/target.ts'
import { deployText } from '../formats/deploy-text.ts'
import { json } from '../formats/json.ts'
import { decodeText } from '../source/decode-text.ts'
import { checkBefore } from './deploy-check.ts'
import { diffOf, withoutSecrets } from './deploy-diff.ts'
import { deployRecover } from './deploy-recover.ts'
import { openTarget, type TargetOptions, targetOptions } from './deploy-target.ts'
import { collectorVersionOption, jsonOption, projectOption, quietOption } from './flags.ts'
import { validateWithCollector } from './validate-with-collector.ts'
import { durationFlag } from './values.ts'

export interface DeployOptions extends TargetOptions {
  readonly dryRun: boolean
  readonly canary: boolean
  readonly probes: boolean
  readonly hold: number
  readonly timeout: number
  /** A collector's program. */
  readonly validateWith?: string | undefined
  readonly collectorVersion: Version
  readonly json: boolean
  readonly quiet: boolean
  /** The project file, where another is meant. */
  readonly project?: string | undefined
}

// Flags end here …
export const deployCommand = (host: Host, done: (exit: number) => void): Command => {
  const command = new Command('deploy')
    .description('Make collectors run another config; whatever goes wrong ends in the old one, which is proved to run.')
    .argument('<config>', 'the new config, one file; `recover` puts back what a deployment that was killed has left')
  for (const option of targetOptions()) command.addOption(option)
  for (const option of settingOptions()) command.addOption(option)
  return command
    .addOption(new Option('--dry-run', 'say what would change, let the server check it, and change nothing').default(false))
    .addOption(new Option('--canary', 'one pod of a StatefulSet first, and the others when it is well').default(false))
    .addOption(new Option('--validate-with <program>', 'let this collector validate the config, too (default: otelcol of PATH)'))
    .addOption(collectorVersionOption())
    .addOption(jsonOption())
    .addOption(quietOption())
    .addOption(projectOption())
    .addHelpText('after', EXAMPLES)
    .action(async (config: string, options: DeployOptions) =>
      done(config === 'recover' ? await deployRecover(options, host) : await deploy(config, options, host)),
    )
}

/** Of deploy and rollback alike. */
export const settingOptions = (): Option[] => [
  new Option('--no-probes', 'trust the readiness of the pods alone, ask neither health_check nor metrics'),
  new Option('--hold <duration>', 'how long the collectors are watched once they are ready')
    .argParser(durationFlag)
    .default(10_000, '10s'),
  new Option('--timeout <duration>', 'the longest wait for a rollout, and again for the way back')
    .argParser(durationFlag)
    .default(300_000, '5m'),
]

const EXAMPLES = `
  failoverctl deploy config.yaml --to statefulset/otel-collector -n observability --dry-run
  failoverctl deploy config.yaml --to statefulset/otel-collector -n observability --canary
  failoverctl deploy config.yaml --to opentelemetrycollector/gateway -n observability
  failoverctl deploy config.yaml --to compose/otel-collector
  failoverctl deploy config.yaml --to file:/etc/otelcol/config.yaml --unit otelcol-contrib
  failoverctl deploy recover

Exit codes: 0 deployed, 1 refused or rolled back (the old state was proved to run), 5 something is left to do,
130 interrupted and rolled back.`

// … and work begins here: plain values in, an exit code out.
export async function deploy(file: string, options: DeployOptions, host: Host): Promise<number> {
  const config = decodeText(file, await host.files.read(file))
  const graph = await checkBefore(file, options, host)
  const found = await validateWithCollector(file, options.validateWith, host)
  const target = await openTarget(options, host)
  return deployConfig({ file, config, graph, remarks: found }, target, options, host)
}

export interface NewConfig {
  /** How it is called in the diff. */
  readonly file: string
  readonly config: string
  readonly graph: Graph
  readonly remarks: readonly string[]
}

/** What deploy and rollback share, once the config is known to be good. */
export async function deployConfig(
  { file, config, graph, remarks }: NewConfig,
  target: DeployTarget,
  options: DeployOptions,
  host: Host,
): Promise<number> {
  const { terminal } = host
  const tell = options.quiet ? () => {} : teller(host)
  const unlock = await lockTarget(target, host)
  try {
    const wish = { canary: options.canary, probes: options.probes, bytes: new TextEncoder().encode(config).length }
    await target.preflight(wish)
    const record = await target.store.read()
    await refuseUnfinished(target, record, host)
    const looked = await target.look()
    const known = [...remarks, ...looked.remarks]
    const show = (result: DeployResult) => {
      const all = { ...result, remarks: [...known, ...result.remarks] }
      terminal.out(options.json ? json(withoutSecrets(all)) : deployText(all, painterFor(terminal.colour.out)))
      if (result.theirs && !options.json)
        terminal.out(diffOf(result.theirs.before, result.theirs.now, `${target.name} (before)`, `${target.name} (theirs)`))
      return exitOf(result)
    }
    const none = {
      target: target.name,
      id: undefined,
      reason: undefined,
      differences: undefined,
      levels: {},
      remarks: [],
      took_s: 0,
      interrupted: false,
    }
    const [old, wanted] = [looked.backup.config, target.normal?.(config) ?? config]
    if (old === wanted) return show({ ...none, outcome: 'unchanged' })
    if (!options.json) terminal.out(diffOf(old, wanted, target.name, file))
    tell('ask the server whether it would take this')
    const before = await stateBefore(target, looked, options, host)
    if (before.ill !== undefined) known.push(`before the change ${before.ill}`)
    const change = {
      ...(await changeOf(config, host)),
      canary: options.canary,
      wasWell: before.ill === undefined,
      backup: looked.backup,
    }
    await target.rehearse(change)
    if (options.dryRun) return show({ ...none, outcome: 'would deploy' })
    return show(
      await run(target, record, { change, ports: portsOf(graph), before: before.levels }, settingsOf(options), host, tell),
    )
  } finally {
    await unlock()
  }
}

const settingsOf = ({ timeout, hold, probes }: DeployOptions) => ({ timeoutMs: timeout, holdMs: hold, probes })

/** Each new state as a line; the same one again is not said twice. */
export function teller({ terminal }: Pick<Host, 'terminal'>): (text: string) => void {
  let last = ''
  return text => {
    if (text !== last) terminal.err(`${text}\n`)
    last = text
  }
}

async function changeOf(config: string, host: Host): Promise<Pick<Change, 'id' | 'config' | 'hash'>> {
  const { pid } = await holderOf(host)
  const hash = await hashOf(config)
  const id = `${Math.floor(host.clock.epochMs() / 1000).toString(36)}-${pid.toString(36)}-${hash.slice(0, 6)}`
  return { id, config, hash }
}

/** How the collectors are now, by the config that they run; what cannot be told is left open. */
async function stateBefore(
  target: DeployTarget,
  { backup }: Looked,
  { probes }: DeployOptions,
  host: Host,
): Promise<Pick<ProbeResult, 'ill' | 'levels'>> {
  const unknown = { ill: undefined, levels: new Map() }
  const ports = probes ? await runningPorts(backup.config, host) : undefined
  if (!ports) return unknown
  try {
    return await probe(target, undefined, ports, { holdMs: 0, before: new Map(), signal: host.interrupted }, host)
  } catch (error) {
    host.interrupted.throwIfAborted()
    if (!(error instanceof FailoverctlError)) throw error
    return { ...unknown, ill: error.message }
  }
}
