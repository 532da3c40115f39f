import { Command, InvalidArgumentError, Option } from 'commander'
import { makeAlerts } from '../alerts/make.ts'
import { SPELLINGS, type Spelling } from '../alerts/names.ts'
import { LEVEL_SOURCES, type LevelSource } from '../alerts/situation.ts'
import type { Graph } from '../collector/graph.ts'
import { readGraph } from '../collector/read-graph.ts'
import type { Version } from '../collector/versions.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { type AlertDress, alertRules, prometheusRule } from '../formats/alert-rules.ts'
import { alertTests } from '../formats/alert-tests.ts'
import { readConfig } from '../source/read-config.ts'
import { collectorVersionOption, configOption, namesOption, projectOption } from './flags.ts'
import { countFlag } from './values.ts'
import { writeReport } from './write-report.ts'

const FORMATS = ['rules', 'prometheusrule'] as const

type Pairs = ReadonlyMap<string, string>

export interface AlertsOptions {
  readonly config: readonly string[]
  readonly collectorVersion: Version
  readonly format: (typeof FORMATS)[number]
  readonly output?: string
  readonly tests?: string
  readonly runbookUrl?: string
  readonly label: Pairs
  readonly job?: string
  readonly by: readonly string[]
  readonly metricNames?: Spelling
  readonly levelFrom?: LevelSource
  readonly backendUp: Pairs
  readonly queueFull: number
  readonly itemBytes: number
  readonly kubernetes: boolean
  readonly namespace?: string
  readonly container: string
  readonly name: string
  readonly metadataLabel: Pairs
  readonly only: readonly string[]
  readonly skip: readonly string[]
}

const NO_PAIRS: Pairs = new Map()

/** `name=value`, repeated. */
const pairsOption = (flags: string, description: string): Option =>
  new Option(flags, description)
    .argParser((text: string, before: Pairs | undefined) => {
      const at = text.indexOf('=')
      if (at < 1) throw new InvalidArgumentError('Expected name=value.')
      return new Map([...(before ?? NO_PAIRS), [text.slice(0, at), text.slice(at + 1)]])
    })
    .default(NO_PAIRS, 'none')

// Flags end here …
export const alertsCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('alerts')
    .description(
      'Write Prometheus alert rules for a config: failed over, all levels failed, no recovery, queues, backups, restarts.',
    )
    .argument('[files...]', 'collector configs, merged as the collector merges them; - is standard input')
    .addOption(configOption())
    .addOption(collectorVersionOption())
    .addOption(
      new Option('-f, --format <name>', 'a rules file, or a resource of the Prometheus operator')
        .choices(FORMATS)
        .default('rules'),
    )
    .addOption(new Option('-o, --output <file>', 'where the rules go (default: standard output)'))
    .addOption(new Option('--tests <file>', 'also write unit tests, for promtool test rules; needs --output'))
    .addOption(new Option('--runbook-url <url>', "added to each alert; {alert} in it, or its end, is the alert's name"))
    .addOption(pairsOption('--label <name=value>', 'a label for every alert, as team=observability; repeat it'))
    .addOption(new Option('--job <name>', 'the job of the collectors in Prometheus (default: every series called otelcol_…)'))
    .addOption(
      namesOption('--by <labels>', 'labels that stay on alerts besides job and instance, as namespace,pod').default([], 'none'),
    )
    .addOption(
      new Option(
        '--metric-names <spelling>',
        'how counters are called: with _total, without, or either (default: what config and version say)',
      ).choices(SPELLINGS),
    )
    .addOption(
      new Option(
        '--level-from <source>',
        "what tells the level: the connector's gauge, the exporters' counters, or failoverctl watch --serve",
      ).choices(LEVEL_SOURCES),
    )
    .addOption(
      pairsOption(
        '--backend-up <exporter=expression>',
        'what has a value while an exporter\'s backend is up, as otlp/primary=probe_success{instance="a"} == 1',
      ),
    )
    .addOption(new Option('--queue-full <share>', 'when a queue is nearly full').argParser(shareFlag).default(0.8, '80%'))
    .addOption(
      new Option('--item-bytes <bytes>', 'what a span, data point or log record takes in a backup')
        .argParser(countFlag(1))
        .default(600),
    )
    .addOption(new Option('--kubernetes', 'also count restarts of pods, by kube-state-metrics').default(false))
    .addOption(new Option('-n, --namespace <name>', 'of the pods, and of the PrometheusRule'))
    .addOption(new Option('--container <name>', 'of the collector in its pod').default('collector'))
    .addOption(new Option('--name <name>', 'of the PrometheusRule').default('otel-collector-failover'))
    .addOption(pairsOption('--metadata-label <name=value>', 'of the PrometheusRule, as release=prometheus'))
    .addOption(namesOption('--only <rules>', 'these rules alone').default([], 'all'))
    .addOption(namesOption('--skip <rules>', 'all but these rules').default([], 'none'))
    .addOption(projectOption())
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: AlertsOptions) => done(await alerts(files, options, host)))

function shareFlag(text: string): number {
  const [, number, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim()) ?? []
  const share = number === undefined ? Number.NaN : Number(number) / (percent ? 100 : 1)
  if (!(share > 0 && share < 1)) throw new InvalidArgumentError('Expected a share such as 80% or 0.8.')
  return share
}

const EXAMPLES = `
  failoverctl alerts config.yaml -o rules.yaml --tests rules.test.yaml && promtool test rules rules.test.yaml
  failoverctl alerts config.yaml --format prometheusrule -n observability | kubectl apply -f -
  failoverctl alerts config.yaml --runbook-url https://wiki.example/runbooks/{alert} --label team=observability`

// … and work begins here: plain values in, an exit code out.
export async function alerts(files: readonly string[], options: AlertsOptions, host: Host): Promise<number> {
  const { format, output, tests } = options
  if (tests !== undefined && (output === undefined || format !== 'rules')) {
    throw new FailoverctlError(
      'wrong-use',
      '--tests without a rules file that promtool can read',
      'Name one: failoverctl alerts config.yaml -o rules.yaml --tests rules.test.yaml',
    )
  }
  const locations = [...options.config, ...files]
  const graph = await readFailovers(locations, options.collectorVersion, host)
  const { alerts: found, notes } = makeAlerts(graph, situationOf(options), options)
  const dress: AlertDress = { labels: Object.fromEntries(options.label), runbookUrl: options.runbookUrl }
  const made = `# Made by failoverctl alerts for collector ${graph.version.text}. Run it again when the config changes.\n`
  const text =
    format === 'rules'
      ? alertRules(found, dress, made)
      : prometheusRule(found, dress, made, {
          name: options.name,
          namespace: options.namespace,
          labels: Object.fromEntries(options.metadataLabel),
        })
  if (output === undefined) host.terminal.out(text)
  else await writeReport(output, () => text, host)
  await writeReport(tests, () => alertTests(found, dress, fromBeside(tests as string, output as string), made), host)
  for (const note of [...notes, ...(await placebos(graph))]) host.terminal.err(`${note}\n`)
  return 0
}

/** Rules over a failover that cannot happen are quiet for ever: whoever makes them must hear it. */
async function placebos(graph: Graph): Promise<string[]> {
  const { ruleFindings } = await import('../validate/check.ts')
  const found = ruleFindings(graph).filter(({ kind }) => kind === 'placebo')
  const [first] = found
  if (!first) return []
  const more = found.length > 1 ? `, and ${found.length - 1} more` : ''
  return [
    `CollectorFailedOver may never fire: ${first.at.file}:${first.at.line}: ${first.message} (${first.rule}${more}); see failoverctl validate`,
  ]
}

async function readFailovers(locations: readonly string[], version: Version, { files, env }: Host): Promise<Graph> {
  if (locations.length === 0)
    throw new FailoverctlError('wrong-use', 'no config is named', 'Name a file: failoverctl alerts config.yaml')
  const { root } = await readConfig(locations, { read: path => files.read(path), env })
  const graph = readGraph(root, version)
  if (graph.pipelines.size === 0) {
    const hint = 'A config has `service: {pipelines: …}`; `failoverctl validate` says more.'
    throw new FailoverctlError('not-a-config', `${locations.join(' + ')}: no pipelines to make alerts for`, hint)
  }
  return graph
}

const situationOf = (options: AlertsOptions) => ({
  job: options.job,
  by: options.by,
  spelling: options.metricNames,
  levelFrom: options.levelFrom,
  backendUp: options.backendUp,
  queueFull: options.queueFull,
  itemBytes: options.itemBytes,
  kubernetes: options.kubernetes ? { namespace: options.namespace, container: options.container } : undefined,
})

/** promtool reads the rules from the folder of their tests. */
function fromBeside(tests: string, rules: string): string {
  if (rules.startsWith('/')) return rules
  const from = tests
    .split('/')
    .slice(0, -1)
    .filter(step => step !== '.')
  const to = rules.split('/').filter(step => step !== '.')
  if (tests.startsWith('/') || from.includes('..')) return rules
  let shared = 0
  while (shared < from.length && from[shared] === to[shared]) shared++
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/')
}
