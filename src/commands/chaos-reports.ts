import { Option } from 'commander'
import type { RunResult } from '../chaos/journal/record.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { outcomeJunit } from '../formats/outcome-junit.ts'
import { outcomeMarkdown } from '../formats/outcome-markdown.ts'
import { measuredPage, type SeveralRuns, titleOf, writePage } from './write-page.ts'
import { writeReport } from './write-report.ts'

export interface ReportOptions {
  readonly html?: string
  readonly junit?: string
  readonly markdown?: string
}

export const junitOption = (): Option => new Option('--junit <file>', 'write the report as JUnit XML, a test for each check')

export const markdownOption = (): Option => new Option('--markdown <file>', 'write the report for a pull request')

/** Before anything is made to fail: an experiment whose report cannot be written is one for nothing. Throws `unwritable`. */
export async function checkReportPaths({ html, junit, markdown }: ReportOptions, { files }: Host): Promise<void> {
  for (const path of [html, junit, markdown]) {
    if (path === undefined) continue
    const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) || '/' : '.'
    const [own, folder] = [await files.folder(path), await files.folder(parent)]
    const problem =
      own === 'writable' || own === 'read-only'
        ? 'is a folder, expected a file'
        : folder === 'writable'
          ? undefined
          : 'cannot be written'
    if (problem) throw new FailoverctlError('unwritable', `${path}: ${problem}`, 'Name a file in a folder that is there.')
  }
}

/** Every report of a run that was asked for, and the job's summary when GitHub runs it. */
export async function writeReports(
  result: RunResult,
  { html, junit, markdown }: ReportOptions,
  host: Host,
  several?: SeveralRuns,
): Promise<void> {
  const { outcome } = result
  await writePage(html, titleOf(outcome.config), [measuredPage(result, several)], host)
  await writeReport(junit, () => outcomeJunit(outcome), host)
  await writeReport(markdown, () => outcomeMarkdown(outcome), host)
  const summary = host.env.GITHUB_STEP_SUMMARY
  if (!summary) return
  // Nobody asked for this one: where it cannot be written, the run is as good as before.
  await host.files
    .append(summary, new TextEncoder().encode(`${outcomeMarkdown(outcome)}\n`))
    .catch(error => host.terminal.err(`the job's summary could not be written: ${(error as Error).message}\n`))
}
