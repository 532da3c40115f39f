import type { JournalHeader } from '../../chaos/journal/record.ts'
import type { Trend, TrendRun } from '../../chaos/journal/trend.ts'
import { formatDuration } from '../../core/duration.ts'
import { countText, spreadText } from '../trend-text.ts'
import type { PageContent } from './content.ts'
import { type Html, html } from './html.ts'
import { outage, page } from './page.ts'
import { BOX, max, percent, roundUp, units } from './scale.ts'

const MARKS = { held: '✔', deviated: '✘', unknown: '?', unfinished: '…' } as const
/** More pages of single runs in one file would only make it heavy; their journals are there. */
const MOST_RUNS_IN_FULL = 20

interface RunPage {
  readonly header: JournalHeader
  readonly content: PageContent
}

/** Several runs as one page: how times and losses went from run to run, then each of the newest runs in full, folded. */
export function trendPage(trend: Trend, pages: readonly RunPage[], version: string): string {
  const title = `failoverctl chaos: ${trend.runs.length} ${trend.runs.length === 1 ? 'run' : 'runs'}`
  const shown = pages.slice(-MOST_RUNS_IN_FULL)
  return page(
    title,
    html`
<p class="reason">${countText(trend.count)}</p>
<section><h2>From run to run</h2>
${chart('Failover time', trend.runs, run => run.failover_time_s, seconds)}
<p class="note-line">${spreadText(trend.failover_time_s)}</p>
${chart('Recovery time', trend.runs, run => run.recovery_time_s, seconds)}
<p class="note-line">${spreadText(trend.recovery_time_s)}</p>
${chart(
  'Spans lost',
  trend.runs,
  run => run.lost,
  spans => Math.round(spans).toLocaleString('en-US'),
)}
</section>
<section><h2>The runs</h2>${table(trend.runs)}</section>
${shown.map(({ header, content }, index) => html`<details class="run" id="run-${header.run}"><summary>${header.started} <code>${header.run}</code></summary>${outage(content, `outage-${index + 1}`, false)}</details>`)}
${pages.length > shown.length ? html`<p class="given">The ${shown.length} newest runs are here in full; failoverctl report tells each of the others from its journal.</p>` : undefined}`,
    version,
  )
}

const seconds = (value: number): string => formatDuration(value * 1000)

/** A bar a run, oldest on the left; a run in which it did not happen has a mark at the foot of its place. */
function chart(
  title: string,
  runs: readonly TrendRun[],
  of: (run: TrendRun) => number | null,
  say: (value: number) => string,
): Html {
  const top = roundUp(max(runs.map(run => of(run) ?? 0)))
  const bars = runs.map((run, index) => {
    const value = of(run)
    const [left, width] = [units((index + 0.15) / runs.length), units(0.7 / runs.length)]
    const told = html`<title>${run.started}: ${value === null ? 'did not happen' : say(value)}</title>`
    if (value === null) return html`<rect class="never" x="${left}" width="${width}" y="${BOX - 60}" height="60">${told}</rect>`
    const height = Math.max(8, units(value / top))
    return html`<rect class="bar ${run.verdict}" x="${left}" width="${width}" y="${BOX - height}" height="${height}">${told}</rect>`
  })
  const labels = [1, 0.5, 0].map(part => html`<span style="top:${percent(1 - part)}">${say(top * part)}</span>`)
  return html`
<figure><figcaption>${title}</figcaption>
<div class="row"><div class="gutter" style="height:110px" aria-hidden="true">${labels}</div>
<div class="plot" style="height:110px"><svg viewBox="0 0 ${BOX} ${BOX}" preserveAspectRatio="none" aria-hidden="true"><path class="grid" d="M0 ${BOX / 2}H${BOX}M0 0H${BOX}"/>${bars}</svg></div></div>
</figure>`
}

const HEADS = ['started (UTC)', 'verdict', 'failover', 'recovery', 'lost', 'duplicated', 'acknowledged', 'what came of it']

const table = (runs: readonly TrendRun[]): Html => html`
<div class="scroll" tabindex="0" role="region" aria-label="The runs"><table>
<thead><tr>${HEADS.map(head => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${runs.map(
  run =>
    html`<tr><th scope="row">${run.started.replace('T', ' ').replace('Z', '')}</th><td class="${run.verdict}"><span aria-hidden="true">${MARKS[run.verdict]}</span> ${run.verdict}</td><td>${time(run.failover_time_s)}</td><td>${time(run.recovery_time_s)}</td><td>${run.lost ?? '?'}</td><td>${run.duplicated ?? '?'}</td><td>${run.acknowledged}</td><td class="what">${run.reason}</td></tr>`,
)}</tbody></table></div>`

const time = (value: number | null): string => (value === null ? '–' : seconds(value))
