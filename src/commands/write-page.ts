import type { RunResult } from '../chaos/journal/record.ts'
import { formatDuration } from '../core/duration.ts'
import type { Host } from '../core/host.ts'
import { VERSION } from '../core/version.ts'
import type { PageContent } from '../formats/page/content.ts'
import { reportPage } from '../formats/page/page.ts'
import type { Simulation } from '../simulate/result.ts'
import { writeReport } from './write-report.ts'

/** The HTML report, where one is asked for. */
export async function writePage(
  path: string | undefined,
  title: string,
  contents: readonly PageContent[],
  host: Host,
): Promise<void> {
  await writeReport(path, () => reportPage(title, contents, VERSION), host)
}

export const computedPage = ({ outcome, series, why, runs, spread, assertions, scenario }: Simulation): PageContent => ({
  how: 'computed',
  outcome,
  series,
  why,
  runs: runs.length > 1 ? runs : [],
  spread,
  assertions,
  given: [
    `${scenario.traffic} spans/s of ${scenario.span_bytes} bytes in requests of ${scenario.spans_per_request}, for ${formatDuration(scenario.duration_s * 1000)}; ${
      scenario.sender_retry_s === null
        ? 'the sender does not try again'
        : `the sender tries again for ${formatDuration(scenario.sender_retry_s * 1000)}`
    }`,
  ],
})

/** Of the page of a real run: the first config names it, the others are told below. */
export function titleOf(config: string): string {
  const [first, ...others] = config.split(' + ')
  return `failoverctl chaos ${first}${others.length > 0 ? ` and ${others.length} more` : ''}`
}

/** What `--runs` adds to the page of one of them. */
export type SeveralRuns = Pick<PageContent, 'runs' | 'spread'>

export const measuredPage = ({ outcome, series, given }: RunResult, several?: SeveralRuns): PageContent => ({
  how: 'measured',
  outcome,
  series: series ?? undefined,
  why: [],
  runs: several?.runs ?? [],
  spread: several?.spread,
  assertions: [],
  given,
})
