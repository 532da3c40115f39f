import type { JournalHeader } from '../../chaos/journal/record.ts'
import type { Trend, TrendRun } from '../../chaos/journal/trend.ts'
import { formatDuration } from '../../core/duration.ts'
import { countText, spreadText } from '../trend-text.ts'
import type { PageContent } from './content.ts'
import { type Html, html } from './html.ts'
import { outage, page } from './page.ts'
import { BOX, labelAt, max, percent, roundUp, SPARE, units } from './scale.ts'

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
  const losses = trend.runs.some(({ lost }) => lost !== null && lost > 0)
  const gaps = trend.runs.some(run => run.failover_time_s === null || run.recovery_time_s === null)
  return page(
    title,
    html`
<p class="reason">${countText(trend.count)}</p>
<section><h2>From run to run</h2>
${chart('Failover time', trend.runs, run => run.failover_time_s, seconds)}
<p class="note-line">${spreadText(trend.failover_time_s)}</p>
${chart('Recovery time', trend.runs, run => run.recovery_time_s, seconds)}
<p class="note-line">${spreadText(trend.recovery_time_s)}</p>
${
  losses
    ? chart(
        'Spans lost',
        trend.runs,
        run => run.lost,
        spans => `${Math.round(spans).toLocaleString('en-US')}`,
      )
    : html`<p class="given">No span was lost in any run that has an outcome.</p>`
}
${gaps ? html`<p class="given">A dashed place is a run in which it did not happen, or that has no outcome.</p>` : undefined}
</section>
<section><h2>The runs</h2>${table(trend.runs)}</section>
<section><h2>Each run</h2>
${shown.map(({ header, content }, index) => folded(header, content, index))}
${pages.length > shown.length ? html`<p class="given">The ${shown.length} newest runs are here in full; failoverctl report tells each of the others from its journal.</p>` : undefined}
</section>`,
    version,
  )
}

function folded({ started, run }: JournalHeader, content: PageContent, index: number): Html {
  const { verdict } = content.outcome
  return html`<details class="run" id="run-${run}"><summary><span class="${verdict}"><span aria-hidden="true">${MARKS[verdict]}</span> ${verdict}</span> ${plain(started)} <code>${run}</code></summary>${outage(content, `outage-${index + 1}`, false)}</details>`
}

const plain = (started: string): string => started.replace('T', ' ').replace('Z', '')
const seconds = (value: number): string => formatDuration(value * 1000)

/** So few runs do not fill the width: a bar stays a bar. */
const FEWEST_PLACES = 16

/** A bar a run, oldest on the left. */
function chart(
  title: string,
  runs: readonly TrendRun[],
  of: (run: TrendRun) => number | null,
  say: (value: number) => string,
): Html {
  const top = roundUp(max(runs.map(run => of(run) ?? 0)))
  const places = Math.max(FEWEST_PLACES, runs.length)
  const bars = runs.map((run, index) => {
    const value = of(run)
    const [left, width] = [units((index + 0.15) / places), units(0.7 / places)]
    const told = html`<title>${plain(run.started)}: ${value === null ? 'did not happen' : say(value)}</title>`
    if (value === null) return html`<rect class="never" x="${left}" width="${width}" y="0" height="${BOX}">${told}</rect>`
    const height = Math.max(8, units(value / top))
    return html`<rect class="bar ${run.verdict}" x="${left}" width="${width}" y="${BOX - height}" height="${height}">${told}</rect>`
  })
  const labels = [1, 0.5, 0].map(part => html`<span style="top:${labelAt(part)}">${say(top * part)}</span>`)
  const [first, last] = [runs[0], runs.at(-1)]
  const end = runs.length / places
  return html`
<figure><figcaption>${title}</figcaption>
<div class="row"><div class="gutter" style="height:110px" aria-hidden="true">${labels}</div>
<div class="plot" style="height:110px"><svg viewBox="0 ${-SPARE} ${BOX} ${BOX + 2 * SPARE}" preserveAspectRatio="none" aria-hidden="true"><path class="grid" d="M0 ${BOX / 2}H${BOX}M0 0H${BOX}M0 ${BOX}H${BOX}"/>${bars}</svg></div></div>
<div class="row"><div class="gutter"></div><div class="axis" aria-hidden="true"><span style="left:0%">${first ? day(first) : ''}</span>${
    last && end > 0.5 ? html`<span class="end" style="left:${percent(end)}">${day(last)}</span>` : undefined
  }</div></div>
</figure>`
}

const day = ({ started }: TrendRun): string => started.slice(0, 10)

const HEADS = ['started (UTC)', 'verdict', 'failover', 'recovery', 'lost', 'duplicated', 'what came of it']

const table = (runs: readonly TrendRun[]): Html => html`
<div class="scroll" tabindex="0" role="region" aria-label="The runs"><table class="runs">
<thead><tr>${HEADS.map((head, index) => html`<th scope="col" class="${index === HEADS.length - 1 ? 'what' : ''}">${head}</th>`)}</tr></thead>
<tbody>${runs.map(
  run =>
    html`<tr><th scope="row">${plain(run.started)}</th><td class="${run.verdict}"><span aria-hidden="true">${MARKS[run.verdict]}</span> ${run.verdict}</td><td>${time(run.failover_time_s)}</td><td>${time(run.recovery_time_s)}</td><td>${run.lost ?? '?'}</td><td>${run.duplicated ?? '?'}</td><td class="what">${run.reason}</td></tr>`,
)}</tbody></table></div>`

const time = (value: number | null): string => (value === null ? '–' : seconds(value))
