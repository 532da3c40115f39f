import { Option } from 'commander'
import type { Observer } from '../chaos/events.ts'
import type { Experiment } from '../chaos/experiment.ts'
import { JOURNAL_VERSION, type JournalHeader, type RunResult } from '../chaos/journal/record.ts'
import { JournalWriter } from '../chaos/journal/write.ts'
import type { Host } from '../core/host.ts'
import { timestamp } from '../core/timestamp.ts'
import { VERSION } from '../core/version.ts'
import type { RunIdentity } from '../outage/judge.ts'
import { sendRun } from './send-run.ts'

export const JOURNALS = '.failoverctl/journals'

export interface JournalOptions {
  readonly journal?: string
  /** true: where OTEL_EXPORTER_OTLP_ENDPOINT says. */
  readonly otlp?: string | true
  readonly quiet: boolean
}

export const journalOption = (): Option =>
  new Option('--journal <file>', `write down there what happens (default: a new file in ${JOURNALS})`)

/** Runs with a journal that hears it, also when it ends in an error; then sends it as a trace, where that is asked for. */
export async function journaled(
  options: JournalOptions,
  identity: RunIdentity,
  experiment: Experiment,
  host: Host,
  run: (observers: readonly Observer[]) => Promise<RunResult>,
): Promise<RunResult> {
  const header = headerOf(identity, experiment, host)
  const path = options.journal ?? `${JOURNALS}/${header.started.replaceAll(/[-:]/g, '')}-${identity.run}.jsonl`
  const journal = new JournalWriter(path, header, host)
  await opened(journal, options, host)
  try {
    const result = await run([journal])
    await journal.outcome(result)
    if (!options.quiet) host.terminal.err(`journal ${path}\n`)
    return result
  } catch (error) {
    await journal.ended(error instanceof Error ? error.message : String(error))
    throw error
  } finally {
    await sendRun(options.otlp, journal.record, host)
  }
}

// A folder in which nothing may be written is no reason to leave an experiment undone, unless a journal was asked for.
async function opened(journal: JournalWriter, { journal: asked }: JournalOptions, { terminal }: Host): Promise<void> {
  try {
    await journal.open()
  } catch (error) {
    if (asked !== undefined) throw error
    terminal.err(`no journal is written: ${error instanceof Error ? error.message : String(error)}\n`)
  }
}

function headerOf(identity: RunIdentity, experiment: Experiment, { clock, env }: Pick<Host, 'clock' | 'env'>): JournalHeader {
  const { run, seed, target, config, collector_version } = identity
  const started_ms = clock.epochMs()
  const job =
    env.GITHUB_RUN_ID && env.GITHUB_SERVER_URL
      ? `${env.GITHUB_SERVER_URL}/${env.GITHUB_REPOSITORY}/actions/runs/${env.GITHUB_RUN_ID}`
      : (env.CI_JOB_URL ?? env.BUILD_URL ?? null)
  return {
    kind: 'header',
    journal: JOURNAL_VERSION,
    started: timestamp(started_ms),
    started_ms,
    failoverctl: VERSION,
    run,
    seed,
    target,
    config,
    collector_version,
    by: {
      user: env.GITHUB_ACTOR ?? env.GITLAB_USER_LOGIN ?? env.USER ?? env.LOGNAME ?? env.USERNAME ?? null,
      host: env.HOSTNAME ?? env.COMPUTERNAME ?? null,
      job,
    },
    experiment,
  }
}
