import { Command, Option } from 'commander'
import type { Version } from '../collector/versions.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { ansiPainter, plainPainter } from '../core/paint.ts'
import { findingsJson } from '../formats/findings-json.ts'
import { findingsText } from '../formats/findings-text.ts'
import { type Checked, checkConfig } from '../validate/check.ts'
import { SEVERITIES, type Severity } from '../validate/rule.ts'
import { collectorVersionOption, configOption, jsonOption, projectOption } from './flags.ts'

const FORMATS = ['text', 'json'] as const

export interface ValidateOptions {
  /** Locations that are merged into one config, besides the files that are each checked by themselves. */
  readonly config: readonly string[]
  readonly collectorVersion: Version
  readonly format: (typeof FORMATS)[number]
  readonly json: boolean
  readonly failOn: Severity
}

// Flags end here …
export const validateCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('validate')
    .description('Find failover that never happens, and data that gets lost, in collector configs. No collector is needed.')
    .argument('[files...]', 'collector configs, each checked by itself; - is standard input')
    .addOption(configOption())
    .addOption(collectorVersionOption())
    .addOption(new Option('-f, --format <name>', 'how findings are printed').choices(FORMATS).default('text'))
    .addOption(jsonOption())
    .addOption(
      new Option('--fail-on <severity>', 'the least severity that makes the exit code 1').choices(SEVERITIES).default('error'),
    )
    .addOption(projectOption())
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: ValidateOptions) => done(await validate(files, options, host)))

const EXAMPLES = `
  failoverctl validate gateway.yaml agent.yaml
  failoverctl validate --config base.yaml --config production.yaml
  helm template . | yq '…' | failoverctl validate -`

// … and work begins here: plain values in, an exit code out.
export async function validate(files: readonly string[], options: ValidateOptions, host: Host): Promise<number> {
  const { config, collectorVersion, failOn } = options
  const inputs = [...new Set(files)].map(file => [file])
  if (config.length > 0) inputs.push([...config])
  if (inputs.length === 0) {
    throw new FailoverctlError(
      'wrong-use',
      'no config is named',
      'Name a file, or - for standard input: failoverctl validate config.yaml',
    )
  }
  let exit = 0
  const checked: Checked[] = []
  for (const locations of inputs) {
    try {
      checked.push(await checkConfig(locations, collectorVersion, host))
    } catch (error) {
      if (!(error instanceof FailoverctlError) || error.code === 'bug') throw error
      host.terminal.err(`failoverctl: ${error.message}\n${error.hint ? `${error.hint}\n` : ''}`)
      exit = Math.max(exit, error.exit)
    }
  }
  report(checked, inputs, options, host)
  const reached = SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1)
  const isFatal = checked.some(({ findings }) => findings.some(({ severity }) => reached.includes(severity)))
  return exit || (isFatal ? 1 : 0)
}

function report(
  checked: readonly Checked[],
  inputs: readonly string[][],
  { format, json }: ValidateOptions,
  { terminal }: Host,
): void {
  const findings = checked.flatMap(one => one.findings)
  if (json || format === 'json') {
    terminal.out(
      findingsJson(
        findings,
        checked.flatMap(({ files }) => files),
      ),
    )
    return
  }
  if (checked.length === 0) return
  const texts = new Map(checked.flatMap(one => [...one.texts]))
  terminal.out(findingsText(findings, texts, terminal.colour.out ? ansiPainter : plainPainter))
  const only = inputs.length === 1 ? checked[0] : undefined
  if (only) terminal.err(nextStep(only, inputs[0] ?? []))
}

function nextStep({ graph, findings }: Checked, locations: readonly string[]): string {
  const chaos = `failoverctl chaos --stop level0 ${locations.map(location => `--config ${location}`).join(' ')}`
  if (findings.some(({ severity, kind }) => severity === 'error' && kind === 'refused'))
    return 'Next: fix the errors, a collector does not start with them.\n'
  const isForChaos =
    graph.failovers.some(({ sources }) => sources.some(({ signal }) => signal === 'traces')) && !locations.includes('-')
  if (!isForChaos) return ''
  return findings.some(({ severity }) => severity === 'error')
    ? `Next: fix the errors. To watch what they do: ${chaos}\n`
    : `Next: ${chaos}\n`
}
