import { Command } from 'commander'
import { howFar } from '../chaos/journal/how-far.ts'
import { readJournal } from '../chaos/journal/read.ts'
import type { RunRecord } from '../chaos/journal/record.ts'
import { trendOf } from '../chaos/journal/trend.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { VERSION } from '../core/version.ts'
import { json } from '../formats/json.ts'
import { runsJunit } from '../formats/outcome-junit.ts'
import { outcomeMarkdown, trendMarkdown } from '../formats/outcome-markdown.ts'
import { outcomeText } from '../formats/outcome-text.ts'
import { trendPage } from '../formats/page/trend.ts'
import { timelineText } from '../formats/timeline-text.ts'
import { trendText } from '../formats/trend-text.ts'
import { unfinishedText } from '../formats/unfinished-text.ts'
import { JOURNALS } from './chaos-journal.ts'
import { checkReportPaths, junitOption, markdownOption, type ReportOptions } from './chaos-reports.ts'
import { htmlOption, jsonOption } from './flags.ts'
import { otlpOption, sendRun } from './send-run.ts'
import { measuredPage, titleOf, writePage } from './write-page.ts'
import { writeReport } from './write-report.ts'

export interface ReportCommandOptions extends ReportOptions {
  readonly json: boolean
  readonly otlp?: string | true
}

// Flags end here …
export const reportCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('report')
    .description('Tell a run of chaos again from its journal, also one that was killed, or several runs together.')
    .argument('[journals...]', `journals, or folders with journals (default: the newest in ${JOURNALS})`)
    .addOption(jsonOption())
    .addOption(htmlOption())
    .addOption(junitOption())
    .addOption(markdownOption())
    .addOption(otlpOption())
    .addHelpText('after', EXAMPLES)
    .action(async (journals: string[], options: ReportCommandOptions) => done(await report(journals, options, host)))

const EXAMPLES = `
What was judged is told, not judged again: the exit code is 0 wherever a journal can be read.

  failoverctl report
  failoverctl report .failoverctl/journals --html trend.html
  failoverctl report run.jsonl --junit chaos.xml --markdown chaos.md`

// … and work begins here: plain values in, an exit code out.
export async function report(names: readonly string[], options: ReportCommandOptions, host: Host): Promise<number> {
  await checkReportPaths(options, host)
  const records: RunRecord[] = []
  for (const file of await filesOf(names, host))
    records.push(...readJournal(file, new TextDecoder().decode(await host.files.read(file))))
  const { terminal } = host
  terminal.out(options.json ? json(asData(records)) : asText(records, host))
  const [only, ...others] = records
  if (only && others.length === 0) await writeOne(only, options, host)
  else await writeSeveral(records, options, host)
  for (const record of records) await sendRun(options.otlp, record, host)
  return 0
}

async function filesOf(names: readonly string[], { files }: Host): Promise<string[]> {
  if (names.length === 0) {
    const newest = (await files.glob([`${JOURNALS}/*.jsonl`])).at(-1)
    if (newest !== undefined) return [newest]
    throw new FailoverctlError('no-such-file', `no journal in ${JOURNALS}`, 'failoverctl chaos writes one; or name a journal.')
  }
  const found: string[] = []
  for (const name of names) {
    const kind = await files.folder(name)
    if (kind !== 'writable' && kind !== 'read-only') {
      found.push(name)
      continue
    }
    const journals = await files.glob([`${name.replace(/\/+$/, '')}/*.jsonl`])
    if (journals.length === 0)
      throw new FailoverctlError('no-such-file', `${name}: no journal in there`, 'Journals end in .jsonl.')
    found.push(...journals)
  }
  return found
}

const asData = (records: readonly RunRecord[]) => ({
  runs: records.map(record => {
    const { file, header, end } = record
    const { started, run, target, config, by } = header
    const outcome = end?.kind === 'outcome' ? end.outcome : null
    return { file, started, run, target, config, by, outcome, unfinished: howFar(record) ?? null }
  }),
  trend: trendOf(records),
})

function asText(records: readonly RunRecord[], { terminal }: Host): string {
  const paint = painterFor(terminal.colour.out)
  const [only, ...others] = records
  if (!only || others.length > 0) return trendText(trendOf(records), paint)
  if (only.end?.kind !== 'outcome') return unfinishedText(only, paint)
  const { outcome, series } = only.end
  return outcomeText(outcome, paint, 'chaos', series ? timelineText(outcome, series, terminal.columns, paint) : undefined)
}

async function writeOne(record: RunRecord, { html, junit, markdown }: ReportOptions, host: Host): Promise<void> {
  const { end, header } = record
  if (end?.kind !== 'outcome')
    return writeSeveral([record], { ...(html && { html }), ...(junit && { junit }), ...(markdown && { markdown }) }, host)
  await writePage(html, titleOf(header.config), [measuredPage(end)], host)
  await writeReport(junit, () => runsJunit([record]), host)
  await writeReport(markdown, () => outcomeMarkdown(end.outcome), host)
}

async function writeSeveral(records: readonly RunRecord[], { html, junit, markdown }: ReportOptions, host: Host): Promise<void> {
  const trend = trendOf(records)
  const pages = records.flatMap(({ end, header }) => (end?.kind === 'outcome' ? [{ header, content: measuredPage(end) }] : []))
  await writeReport(html, () => trendPage(trend, pages, VERSION), host)
  await writeReport(junit, () => runsJunit(records), host)
  await writeReport(markdown, () => trendMarkdown(trend), host)
}
