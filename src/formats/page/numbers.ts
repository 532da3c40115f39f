import { formatDuration } from '../../core/duration.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { Series } from '../../simulate/result.ts'
import { count } from './count.ts'
import { type Html, html } from './html.ts'
import { max } from './scale.ts'

const MOST_ROWS = 60

/** The curves as a table of at most sixty rows. */
export function numbers({ levels }: Outcome, series: Series, id: string): Html {
  const per = Math.ceil(series.buckets / MOST_ROWS)
  const rows = Array.from({ length: Math.ceil(series.buckets / per) }, (_, row) => {
    const [from, to] = [row * per, Math.min(series.buckets, (row + 1) * per)]
    const until = to * series.bucket_s
    const level = levels.findLast(({ at_s }) => at_s < until)?.level
    const mean = (values: readonly number[]) => sum(values.slice(from, to)) / (to - from)
    return html`<tr><th scope="row">${formatDuration(from * series.bucket_s * 1000)}</th><td>${level ?? '–'}</td>${series.delivered.map(
      ({ rate }) => html`<td>${count(mean(rate))}</td>`,
    )}<td>${count(mean(series.refused))}</td><td>${count(sum(series.lost.slice(from, to)))}</td>${series.queues.map(
      ({ peak }) => html`<td>${count(max(peak.slice(from, to)))}</td>`,
    )}</tr>`
  })
  const heads = [
    'from',
    'level',
    ...series.delivered.map(({ backend }) => `${backend}, spans/s`),
    'refused, spans/s',
    'lost, spans',
    ...series.queues.map(({ owner, sizer }) => `queue of ${owner}, ${sizer}`),
  ]
  return html`<details><summary>The curves as numbers</summary><div class="scroll" tabindex="0" role="region" aria-label="The curves as numbers, ${id}"><table>
<thead><tr>${heads.map(head => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div></details>`
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
