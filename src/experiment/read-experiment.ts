import { experiment as isExperiment } from '#schemas'
import { FailoverctlError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { beside } from '../source/beside.ts'
import { readYaml } from '../source/read-yaml.ts'
import { schemaNotes } from '../source/schema.ts'
import { lookup, plain, type Value } from '../source/value.ts'
import type { CommandData, ConfigurationData, ControlWhen, ExperimentData, MeasureData, ProbeData } from './experiment-file.ts'
import { at, bad, ms, where } from './place.ts'
import type { WishedProbe } from './probe-wish.ts'
import { readAction } from './read-action.ts'
import { readMeasure, readProbe } from './read-probe.ts'
import type { Wish } from './wish.ts'

export interface ExperimentFile extends Wish {
  /** Collector configs, relative to the file. */
  readonly config: readonly string[]
  /** What it is to run against; undefined: whatever is chosen elsewhere. */
  readonly target: string | undefined
  /** The project file that describes the target. */
  readonly project: string | undefined
  readonly probes: readonly WishedProbe[]
  /** Names of probes that end the run when they fail; undefined: nothing is said about it. */
  readonly abortOn: readonly string[] | undefined
  readonly blastRadius: readonly string[] | undefined
  readonly bringBack: readonly string[] | undefined
  readonly steadyMs: number | undefined
  readonly holdMs: number | undefined
  readonly maxFaultMs: number | undefined
  /** Done after the method on every way out, the last first. */
  readonly rollbacks: readonly WishedCommand[]
  readonly controls: readonly (WishedCommand & { readonly when: ControlWhen })[]
}

/** A program that an experiment runs besides its faults. */
export interface WishedCommand {
  readonly name: string
  readonly run: readonly string[]
  readonly timeoutMs: number
}

const COMMAND_TIMEOUT_MS = 60_000

/** What an experiment file asks for (schemas/experiment.schema.json). Throws `bad-experiment` with the place. */
export function readExperiment(file: string, text: string): ExperimentFile {
  const root = readYaml(file, text)
  const data = plain(root) as ExperimentData
  if (!isExperiment(data)) throw refused(file, root)
  const { configuration: given = {}, config = [] } = data
  const hypothesis = lookup(root, 'steady-state-hypothesis')
  const entries = data['steady-state-hypothesis']?.probes ?? []
  const abortOn = data['abort-on'] === 'none' ? [] : data['abort-on']
  const watched = new Set(abortOn)
  const nodeOf = (index: number) => lookup(hypothesis, 'probes', index)
  const probes = entries.flatMap((entry, index) =>
    isMeasure(entry) ? [] : [readProbe(entry, nodeOf(index), at(hypothesis, 'probes', index), watched)],
  )
  checkNames(probes, abortOn ?? [], root)
  return {
    title: data.title,
    config: [config].flat().map(location => beside(file, location)),
    target: data.target,
    project: data.project === undefined ? undefined : beside(file, data.project),
    faults: data.method.map((action, index) => readAction(action, at(root, 'method', index))),
    claims: entries.flatMap((entry, index) =>
      isMeasure(entry) ? [readMeasure(entry, nodeOf(index), at(hypothesis, 'probes', index))] : [],
    ),
    probes,
    abortOn,
    blastRadius: data['blast-radius'],
    rollbacks: (data.rollbacks ?? []).map(commandOf),
    controls: (data.controls ?? []).map(control => ({ ...commandOf(control), when: control.when })),
    ...configured(given),
  }
}

const configured = (given: ConfigurationData) => ({
  traffic: given.traffic === undefined ? undefined : Number.parseFloat(String(given.traffic)),
  spansPerRequest: given['spans-per-request'],
  spanBytes: given['span-bytes'],
  durationMs: ms(given.duration),
  steadyMs: ms(given.steady),
  holdMs: ms(given.hold),
  maxFaultMs: ms(given['max-fault']),
  drainWithinMs: ms(given['drain-within']),
  senderRetryMs: ms(given['sender-retry']),
  senderTimeoutMs: ms(given['sender-timeout']),
  failoverWithinMs: ms(given['failover-within']),
  recoverWithinMs: ms(given['recover-within']),
  maxLost: given['max-lost'],
  bringBack: given['bring-back'],
  seed: given.seed,
  runs: given.runs,
})

const isMeasure = (entry: MeasureData | ProbeData): entry is MeasureData => 'measure' in entry

const commandOf = ({ name, run, timeout }: CommandData): WishedCommand => ({
  name: name ?? (run[0] as string),
  run,
  timeoutMs: ms(timeout) ?? COMMAND_TIMEOUT_MS,
})

/** Checks are told apart by their probes' names, and `abort-on` names them. */
function checkNames(probes: readonly WishedProbe[], abortOn: readonly string[], root: Value): void {
  const names = probes.map(({ name }) => name)
  const twice = probes.find(({ name }, index) => names.indexOf(name) !== index)
  if (twice) throw bad(twice.at, `two probes are called \`${twice.name}\``, 'Give each a `name` of its own.')
  for (const [index, name] of abortOn.entries()) {
    const place = at(root, 'abort-on', index)
    const probe = probes.find(each => each.name === name)
    if (!probe) {
      const meant = nearest(name, names)
      const hint = names.length > 0 ? `Probes: ${names.join(', ')}.` : 'There are no probes under steady-state-hypothesis.'
      throw bad(place, `no probe is called \`${name}\`${meant ? `; did you mean \`${meant}\`?` : ''}`, hint)
    }
    if (probe.when === 'continuous' || probe.when === 'on-chaos') continue
    throw bad(
      place,
      `\`${name}\` cannot end a run: it is looked at at its ${probe.when} only`,
      'Give it `when: continuous`, or `on-chaos`.',
    )
  }
}

function refused(file: string, root: Value): FailoverctlError {
  const [first] = root.kind === 'map' ? schemaNotes(root, isExperiment.errors ?? []) : []
  return new FailoverctlError(
    'bad-experiment',
    first ? `${where(first.at)}: ${first.message}` : `${file}: expected a map`,
    'schemas/experiment.schema.json says what an experiment may hold.',
  )
}
