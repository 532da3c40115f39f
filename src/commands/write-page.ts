import { formatDuration } from '../core/duration.ts'
import type { Host } from '../core/host.ts'
import { VERSION } from '../core/version.ts'
import type { PageContent } from '../formats/page/content.ts'
import { reportPage } from '../formats/page/page.ts'
import type { Simulation } from '../simulate/result.ts'

/** The HTML report, where one is asked for. */
export async function writePage(
  path: string | undefined,
  title: string,
  simulations: readonly Simulation[],
  host: Host,
): Promise<void> {
  if (path === undefined) return
  await host.files.write(path, new TextEncoder().encode(reportPage(title, simulations.map(contentOf), VERSION)))
  host.terminal.err(`wrote ${path}\n`)
}

const contentOf = ({ outcome, series, why, runs, spread, assertions, scenario }: Simulation): PageContent => ({
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
