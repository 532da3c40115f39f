import { Command, Option } from 'commander'
import type { Version } from '../collector/versions.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { maskSecrets } from '../core/mask.ts'
import { painterFor } from '../core/paint.ts'
import { FORMAT_NAMES, FORMATS, type FormatName } from '../formats/index.ts'
import { json } from '../formats/json.ts'
import { quoted } from '../formats/validate-command.ts'
import { decodeText } from '../source/decode-text.ts'
import { readBaseline } from '../validate/baseline.ts'
import { type Card, cardsOf } from '../validate/card.ts'
import { type Checked, checkConfig, type Finding, type Surroundings } from '../validate/check.ts'
import { fixedTexts } from '../validate/fixed-texts.ts'
import { type Judged, judge, type Policy } from '../validate/judge.ts'
import { SEVERITIES, type Severity } from '../validate/rule.ts'
import type { Levels } from '../validate/severities.ts'
import { type ExpectedOptions, expectedOf, outageOption, rateOption, upgradeOption } from './expected-options.ts'
import { collectorVersionOption, configOption, jsonOption, projectOption } from './flags.ts'
import { noMatch, readInputs } from './inputs.ts'
import { levelsOption } from './levels-option.ts'
import { type Closer, lookCloser } from './look-closer.ts'
import { setManifestsApart } from './manifests.ts'
import { watch } from './watch.ts'

export interface ValidateOptions extends ExpectedOptions, Closer {
  /** Also say of each failover connector what it does in an outage. */
  readonly card: boolean
  /** Locations that are merged into one config, besides the files that are each checked by themselves. */
  readonly config: readonly string[]
  readonly collectorVersion: Version
  readonly format: FormatName
  readonly json: boolean
  readonly failOn: Severity
  readonly merge: boolean
  readonly fix: boolean
  readonly fixDryRun: boolean
  readonly watch: boolean
  /** Of the command line, and of the project file: the first goes before. */
  readonly rule: Levels
  readonly rules: Levels
  readonly suppressions: boolean
  readonly baseline?: string
  readonly writeBaseline?: string
}

// Flags end here …
export const validateCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('validate')
    .description('Find failover that never happens, and data that gets lost, in collector configs. No collector is needed.')
    .argument('[files...]', 'collector configs or patterns, each file checked by itself; - is standard input')
    .addOption(configOption())
    .addOption(collectorVersionOption())
    .addOption(new Option('-f, --format <name>', 'how findings are printed').choices(FORMAT_NAMES).default('text'))
    .addOption(jsonOption())
    .addOption(
      new Option('--fail-on <severity>', 'the least severity that makes the exit code 1').choices(SEVERITIES).default('error'),
    )
    .addOption(
      new Option('--card', 'also say how each failover connector behaves in an outage: times, queues, losses').default(false),
    )
    .addOption(outageOption())
    .addOption(rateOption())
    .addOption(
      new Option('--on-host', 'the collector runs on this machine: look at its variables, folders and ports').default(false),
    )
    .addOption(upgradeOption())
    .addOption(new Option('--merge', 'all files are one config, merged as the collector merges several --config').default(false))
    .addOption(new Option('--fix', 'repair in place what needs no decision, keeping comments and layout').default(false))
    .addOption(new Option('--fix-dry-run', 'print what --fix would change as a diff, and change nothing').default(false))
    .addOption(new Option('--watch', 'check again when a file changes, until Ctrl-C').default(false))
    .addOption(levelsOption('--rule <id=severity>', 'what a rule counts for: off, info, warning or error'))
    .addOption(levelsOption('--rules <id=severity>', 'the same, from the project file').hideHelp())
    .addOption(new Option('--no-suppressions', 'comments in the configs switch nothing off'))
    .addOption(new Option('--baseline <file>', 'show only findings that are not in this file'))
    .addOption(new Option('--write-baseline <file>', 'write the findings of now into a file for --baseline'))
    .addOption(projectOption())
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: ValidateOptions) => done(await validate(files, options, host)))

const EXAMPLES = `
  failoverctl validate gateway.yaml 'agents/**/*.yaml'
  failoverctl validate --merge base.yaml production.yaml
  failoverctl validate --fix-dry-run config.yaml
  failoverctl validate --card --outage 4h --rate 2MB/s config.yaml
  failoverctl validate --upgrade 0.125..0.163 config.yaml
  failoverctl validate --format sarif config.yaml > findings.sarif
  helm template . | yq '…' | failoverctl validate -`

// … and work begins here: plain values in, an exit code out.
export async function validate(files: readonly string[], options: ValidateOptions, host: Host): Promise<number> {
  if (files.length + options.config.length === 0) {
    throw new FailoverctlError(
      'wrong-use',
      'no config is named',
      'Name a file, or - for standard input: failoverctl validate config.yaml',
    )
  }
  refuseContradictions(files, options)
  const policy = await policyOf(options, host)
  if (!options.watch) return (await validateOnce(files, options, policy, host)).exit
  await watch(async () => (await validateOnce(files, options, policy, host)).watched, host)
  return 0
}

function refuseContradictions(files: readonly string[], { config, watch, fix, fixDryRun, json, format }: ValidateOptions): void {
  if (watch && [...files, ...config].includes('-'))
    throw new FailoverctlError('wrong-use', 'standard input cannot be watched', 'Name a file, or leave --watch out.')
  if (watch && (fix || fixDryRun))
    throw new FailoverctlError('wrong-use', 'a config cannot be fixed and watched at once', 'Leave --watch out.')
  if (fixDryRun && (json || format !== 'text'))
    throw new FailoverctlError('wrong-use', '--fix-dry-run prints a diff, and no other format', 'Leave --format and --json out.')
}

async function policyOf(
  { rule, rules, suppressions, baseline, writeBaseline }: ValidateOptions,
  { files }: Host,
): Promise<Policy> {
  const read = async (file: string) => readBaseline(file, decodeText(file, await files.read(file)))
  return {
    levels: new Map([...rules, ...rule]),
    suppressions,
    baseline: writeBaseline !== undefined ? 'now' : baseline === undefined ? undefined : await read(baseline),
  }
}

async function validateOnce(
  words: readonly string[],
  options: ValidateOptions,
  policy: Policy,
  host: Host,
): Promise<{ exit: number; watched: string[] }> {
  const { config, merge, failOn, writeBaseline } = options
  const { configs: named, unmatched } = await readInputs({ words, config, merge }, host.files)
  const { configs, manifests } = await setManifestsApart(named, host)
  // With several configs nobody knows which of them the manifests run.
  const beside = configs.length === 1 ? manifests : new Map<string, string>()
  let exit = 0
  const complain = (error: unknown) => {
    if (!(error instanceof FailoverctlError) || error.code === 'bug') throw error
    host.terminal.err(error.report)
    exit = Math.max(exit, error.exit)
  }
  for (const pattern of unmatched) complain(noMatch(pattern))
  const checked: Kept[] = []
  for (const locations of configs) {
    await checkOrFix(locations, options, policy, { ...host, beside }).then(one => checked.push(keep(one, options)), complain)
  }
  const judged = judge(checked, policy)
  if (writeBaseline !== undefined && exit === 0) {
    await host.files.write(writeBaseline, new TextEncoder().encode(json(judged.baseline)))
    host.terminal.err(`${writeBaseline}: ${judged.baseline?.findings.length} findings of now are in this baseline\n`)
  }
  // The fixed text or the diff is the report then.
  if (!options.fixDryRun && !(options.fix && configs.flat().includes('-'))) report(checked, judged, configs, options, host)
  const reached = SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1)
  const isFatal = judged.findings.some(({ severity }) => reached.includes(severity))
  return { exit: exit || (isFatal ? 1 : 0), watched: [...new Set([...named.flat(), ...checked.flatMap(one => one.files)])] }
}

async function checkOrFix(
  locations: readonly string[],
  options: ValidateOptions,
  policy: Policy,
  host: Host & Surroundings,
): Promise<Checked> {
  const { collectorVersion, fix, fixDryRun } = options
  const check = (files: Pick<Host['files'], 'read'>) =>
    checkConfig(locations, collectorVersion, { ...host, files: { ...host.files, ...files } }, expectedOf(options)).then(one =>
      lookCloser(one, options, host),
    )
  const start = await check(host.files)
  if (!fix && !fixDryRun) return start
  const select = (checked: Checked) => judge([checked], { ...policy, baseline: undefined }).findings
  const { fixInPlace, showFixes } = await import('./apply-fixes.ts')
  if (!fixDryRun) return fixInPlace({ start, check, select }, host)
  await showFixes({ start, check, select }, host)
  return start
}

/** What the report needs of a check. The graph is many times larger than its config, and not kept for thousands of them. */
interface Kept extends Omit<Checked, 'graph'> {
  readonly cards: readonly Card[]
  /** Whether `chaos` can put it to the test. */
  readonly isForChaos: boolean
}

const keep = ({ graph, ...checked }: Checked, options: ValidateOptions): Kept => ({
  ...checked,
  cards: options.card ? cardsOf(graph, expectedOf(options)) : [],
  isForChaos: graph.failovers.some(({ sources }) => sources.some(({ signal }) => signal === 'traces')),
})

function report(
  checked: readonly Kept[],
  { findings, suppressed, compared }: Judged,
  configs: readonly (readonly string[])[],
  options: ValidateOptions,
  { terminal, env }: Host,
): void {
  const format = options.json ? 'json' : options.format
  if (checked.length === 0 && format === 'text') return
  terminal.out(
    FORMATS[format]({
      findings,
      suppressed,
      baseline: compared && { hidden: compared.hidden.length, gone: compared.gone },
      files: checked.flatMap(({ files }) => files),
      texts: new Map(checked.flatMap(({ texts }) => [...texts])),
      fixed: finding => fixedTexts(checked, finding),
      folder: env.PWD,
      paint: painterFor(terminal.colour.out),
      columns: terminal.columns,
      ...(options.card ? { cards: checked.flatMap(({ cards }) => cards) } : {}),
    }),
  )
  const only = configs.length === 1 ? checked[0] : undefined
  if (only && format === 'text') terminal.err(nextStep(only, findings, configs[0] ?? []))
}

function nextStep({ isForChaos }: Kept, findings: readonly Finding[], locations: readonly string[]): string {
  const named = locations.map(location => `--config ${quoted(maskSecrets(location))}`)
  const chaos = `failoverctl chaos --stop level0 ${named.join(' ')}`
  if (findings.some(({ severity, kind }) => severity === 'error' && kind === 'refused'))
    return 'Next: fix the errors, a collector does not start with them.\n'
  if (!isForChaos || locations.includes('-')) return ''
  return findings.some(({ severity }) => severity === 'error')
    ? `Next: fix the errors. To watch what they do: ${chaos}\n`
    : `Next: ${chaos}\n`
}
