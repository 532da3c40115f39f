import type { Experiment } from '../chaos/experiment.ts'
import type { ChaosWish } from '../chaos/plan.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { drawSeed } from '../core/random.ts'
import { type Claim, parseClaim } from '../experiment/assertion.ts'
import type { WishedProbe } from '../experiment/probe-wish.ts'
import type { ExperimentFile } from '../experiment/read-experiment.ts'
import type { ChaosOptions } from './chaos.ts'
import { wishedFaults } from './chaos-faults.ts'
import { TARGETS, type TargetKind } from './chaos-target.ts'
import { readExperimentFile } from './outage-flags.ts'

/** What one call of chaos is to do: flags beat the experiment file, which beats what is usual. */
export interface ChaosSettings {
  readonly config: readonly string[]
  readonly kind: TargetKind
  /** As reports name it. */
  readonly target: string
  readonly project: string | undefined
  readonly wish: ChaosWish
  readonly rest: Omit<Experiment, 'faults' | 'failoverWithinMs' | 'recoverWithinMs'>
  readonly claims: readonly Claim[]
  readonly probes: readonly WishedProbe[]
  readonly abortOn: readonly string[]
  readonly programs: Pick<ExperimentFile, 'rollbacks' | 'controls'>
  readonly runs: number
}

/** The metrics are read so often: fast enough to see a level that is current for a moment, slow enough to disturb nothing. */
const SCRAPE_INTERVAL_MS = 100
const DEFAULTS = {
  rate: 50,
  spansPerRequest: 1,
  steadyMs: 2000,
  holdMs: 3000,
  maxFaultMs: 600_000,
  drainWithinMs: 60_000,
  maxLost: 0,
}

/** Throws `wrong-use`, and `bad-experiment` where the file is one, or does not say when a run has to end. */
export async function chaosSettings(options: ChaosOptions, host: Host): Promise<ChaosSettings> {
  const file = await readExperimentFile(options.experiment, host)
  const config = options.config.length > 0 ? options.config : (file?.config ?? [])
  if (config.length === 0) {
    throw new FailoverctlError('wrong-use', 'no config given', 'Name the collector config with --config, or in failoverctl.yaml.')
  }
  const kind = options.target ?? targetIn(file, options.experiment) ?? 'lab'
  checkAbortOn(kind, file, options.experiment)
  return {
    config,
    kind,
    target: `${TARGETS[kind].named}${(options.target ?? file?.target) ? '' : ' (no --target given)'}`,
    project: options.project ?? file?.project,
    wish: {
      faults: [...(file?.faults ?? []), ...wishedFaults(options)],
      bringBack: options.bringBack ?? file?.bringBack,
      blastRadius: options.blastRadius ?? file?.blastRadius,
      failoverWithinMs: options.failoverWithin ?? file?.failoverWithinMs,
      recoverWithinMs: options.recoverWithin ?? file?.recoverWithinMs,
    },
    rest: {
      seed: options.seed ?? file?.seed ?? drawSeed(host.random),
      steadyMs: options.steady ?? file?.steadyMs ?? DEFAULTS.steadyMs,
      holdMs: options.hold ?? file?.holdMs ?? DEFAULTS.holdMs,
      durationMs: file?.durationMs,
      drainWithinMs: options.drainWithin ?? file?.drainWithinMs ?? DEFAULTS.drainWithinMs,
      maxFaultMs: options.maxFault ?? file?.maxFaultMs ?? DEFAULTS.maxFaultMs,
      scrapeIntervalMs: SCRAPE_INTERVAL_MS,
      rate: options.rate ?? file?.traffic ?? DEFAULTS.rate,
      spansPerRequest: options.spansPerRequest ?? file?.spansPerRequest ?? DEFAULTS.spansPerRequest,
      maxLost: options.maxLost ?? file?.maxLost ?? DEFAULTS.maxLost,
    },
    claims: [...(file?.claims.map(({ text }) => text) ?? []), ...options.assert].map(parseClaim),
    probes: file?.probes ?? [],
    abortOn: file?.abortOn ?? [],
    programs: { rollbacks: file?.rollbacks ?? [], controls: file?.controls ?? [] },
    runs: options.runs ?? file?.runs ?? 1,
  }
}

function targetIn(file: ExperimentFile | undefined, path: string | undefined): TargetKind | undefined {
  if (file?.target === undefined) return undefined
  if (Object.hasOwn(TARGETS, file.target)) return file.target as TargetKind
  throw new FailoverctlError(
    'bad-experiment',
    `${path}: there is no target ${file.target}`,
    `Targets: ${Object.keys(TARGETS).join(', ')}.`,
  )
}

/** Who runs a file may not be watching: beside the lab, it has to say when the run ends, even if that is never. */
function checkAbortOn(kind: TargetKind, file: ExperimentFile | undefined, path: string | undefined): void {
  if (kind === 'lab' || !file || file.abortOn !== undefined) return
  throw new FailoverctlError(
    'bad-experiment',
    `${path}: \`abort-on\` is missing: it has to be said for ${TARGETS[kind].named}`,
    'Name the probes that end the run when they fail, or write `abort-on: none`.',
  )
}
