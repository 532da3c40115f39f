import { formatDuration } from '../../core/duration.ts'
import type { Outcome } from '../../model/outcome.ts'
import { countedRows } from '../counted-words.ts'
import { isCollector } from '../is-collector.ts'
import { WHY_WORDS } from '../why-words.ts'
import type { PageContent } from './content.ts'
import { count } from './count.ts'
import { type Html, html, prose } from './html.ts'

const VERDICTS = { held: ['✔', 'Held'], deviated: ['✘', 'Deviated'], unknown: ['?', 'Unknown'] } as const

/** Whether the failover can be trusted, and the figures by which one would judge it. */
export function summary({ how, outcome, given, spread, runs, series }: PageContent): Html {
  const { verdict, reason, config, collector_version, target, seed, ledger, notes } = outcome
  const [mark, word] = VERDICTS[verdict]
  const many = runs.length > 1
  // Where all held, it was not to happen: no level was left, or there is but one.
  const isMissed = verdict !== 'held'
  // Arrivals that are noticed late make a time look longer, never shorter.
  const late = ledger.counted?.delivery?.noticed_within_s ?? 0
  const fullest =
    series && series.queues.length > 0
      ? Math.max(0, ...series.queues.map(({ peak, capacity }) => Math.max(0, ...peak) / capacity))
      : undefined
  return html`
<section>
<h2 class="verdict ${verdict}"><span aria-hidden="true">${mark}</span> ${word}</h2>
<p class="reason">${prose(reason)}</p>
<dl class="cards">
${card('Failover time', time(outcome.failover_time_s, late), many ? spreadText(spread?.failover_time) : interval(outcome.failover_interval_s), isMissed && outcome.failover_time_s === null)}
${card('Recovery time', time(outcome.recovery_time_s, late), many ? spreadText(spread?.recovery_time) : interval(outcome.recovery_interval_s), isMissed && outcome.recovery_time_s === null)}
${card('Lost', `${count(ledger.lost)} spans`, ledger.acknowledged > 0 ? `of ${count(ledger.acknowledged)} acknowledged` : undefined, ledger.lost > 0)}
${card('Refused', `${count(ledger.refused)} spans`, ledger.refused > 0 ? 'the sender was told' : undefined, false)}
${card('Duplicated', `${count(ledger.duplicated)} spans`, undefined, false)}
${fullest === undefined ? undefined : card('Fullest queue', `${Math.round(fullest * 100)} %`, fullest >= 1 ? 'full: callers were refused or waited' : undefined, fullest >= 1)}
</dl>
<p class="given">${how === 'computed' ? 'Computed from' : 'Measured with'} <code>${config}</code>${isCollector(collector_version) ? html`, collector ${collector_version}` : undefined}${
    how === 'measured' ? html`, on ${target}` : undefined
  }; seed ${seed}${many ? `, ${count(runs.length)} runs; what follows is the first${how === 'measured' ? ' that did not hold, or else the first' : ''}` : ''}.${given.map(line => html`<br>${line}`)}</p>
${notes.length > 0 ? html`<ul class="notes">${notes.map(note => html`<li>${note}</li>`)}</ul>` : undefined}
</section>`
}

const card = (name: string, value: string, more: string | undefined, bad: boolean): Html =>
  html`<div class="card${bad ? ' bad' : ''}"><dt>${name}</dt><dd>${value}${more ? html`<small>${more}</small>` : undefined}</dd></div>`

const time = (seconds: number | null, late: number): string =>
  seconds === null ? 'did not happen' : `${late > 0 ? '≤ ' : ''}${formatDuration(seconds * 1000)}`

const interval = (times: readonly [number, number] | null): string | undefined =>
  times ? `by the metrics ${times[0].toFixed(2)} to ${times[1].toFixed(2)} s` : undefined

function spreadText(
  spread: { readonly p50: number | null; readonly p95: number | null; readonly max: number | null } | undefined,
) {
  return spread && `p50 ${brief(spread.p50)}, p95 ${brief(spread.p95)}, max ${brief(spread.max)}`
}
const brief = (seconds: number | null) => (seconds === null ? 'never' : formatDuration(seconds * 1000))

/** Each loss and each wait, by its cause, with the line of the config that has it. */
export function why({ why: found, outcome: { causes } }: PageContent): Html | undefined {
  const rows = [
    ...found,
    ...causes
      .filter(cause => !found.some(({ rule, line }) => rule === cause.rule && line === cause.line))
      .map(({ what, rule, file, line }) => ({ kind: undefined, what, count: null, seconds: null, rule, file, line })),
  ]
  if (rows.length === 0) return undefined
  return html`
<section><h2>Why</h2><ul class="why">${rows.map(
    ({ kind, what, count: spans, seconds, rule, file, line }) => html`
<li>${kind && html`<strong>${WHY_WORDS[kind]} ${spans === null ? formatDuration((seconds ?? 0) * 1000) : `${count(spans)} spans:`}</strong> `}${prose(what)}
${file === null ? undefined : html`<span class="where"><code>${file}${line === null ? '' : `:${line}`}</code>${rule === null ? undefined : html` · <code>failoverctl explain ${rule}</code>`}</span>`}</li>`,
  )}</ul></section>`
}

export function assertions({ assertions: asserted }: PageContent): Html | undefined {
  if (asserted.length === 0) return undefined
  return html`
<section><h2>Asserted</h2><ul class="assertions">${asserted.map(
    ({ text, holds, reason }) =>
      html`<li class="${holds ? 'held' : 'deviated'}"><span aria-hidden="true">${holds ? '✔' : '✘'}</span> <code>${text}</code> ${holds ? 'holds' : 'does not hold'}: ${reason}</li>`,
  )}</ul></section>`
}

const RESULTS = {
  held: ['✔', 'held'],
  deviated: ['✘', 'deviated'],
  unknown: ['?', 'unknown'],
  skipped: ['–', 'not tried'],
} as const

/** What a real run was held against, each with what was seen. */
export function checks({ how, outcome }: PageContent, id: string): Html | undefined {
  if (how === 'computed' || outcome.checks.length === 0) return undefined
  return html`
<section><h2>What was checked</h2>
<div class="scroll" tabindex="0" role="region" aria-label="What was checked, ${id}"><table class="checks">
<thead><tr><th scope="col">check</th><th scope="col">result</th><th scope="col">expected</th><th scope="col">observed</th></tr></thead>
<tbody>${outcome.checks.map(({ name, result, expected, observed, evidence }) => {
    const [mark, word] = RESULTS[result]
    return html`<tr><th scope="row">${name}</th><td class="${result}"><span aria-hidden="true">${mark}</span> ${word}</td><td>${expected}</td><td>${observed}${evidence ? html`<small>${evidence}</small>` : undefined}</td></tr>`
  })}</tbody></table></div></section>`
}

/** Where every span went; the lines add up. */
export function ledger({ outcome }: PageContent, id: string): Html {
  const { sent, acknowledged, refused, unknown, delivered, lost, duplicated, queued, lost_ranges, counted } = outcome.ledger
  const finer = countedRows(outcome.ledger)
  const rows: (readonly [string, string, string?])[] = [
    ['sent', count(sent)],
    ['acknowledged', count(acknowledged)],
    ['refused', count(refused), 'the sender was told, and can send them again'],
    ['unknown', count(unknown), 'no answer: they may have arrived'],
    ...Object.entries(delivered).map(([name, spans]) => [`delivered to ${name}`, count(spans), levelOf(outcome, name)] as const),
    ['lost', counted?.margin ? `${count(lost)} ± ${count(counted.margin.spans)}` : count(lost), rangesText(lost_ranges)],
    ['duplicated', count(duplicated), 'arrivals beyond the first'],
    ['queued', count(queued), 'acknowledged, still in a queue at the end'],
  ]
  return html`
<section><h2>Where the spans went</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Where the spans went, ${id}"><table class="ledger"><tbody>${rows.map(
    ([name, value, note]) =>
      html`<tr><th scope="row">${name}</th><td>${value}</td><td class="note">${value === '0' ? '' : (note ?? '')}</td></tr>`,
  )}</tbody></table></div>${finer.length > 0 ? html`<dl class="finer">${finer.map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>` : undefined}</section>`
}

function levelOf({ backends }: Outcome, name: string): string {
  const level = backends.find(backend => backend.name === name)?.level ?? null
  return level === null ? 'on no level' : `level ${level}`
}

const MOST_RANGES = 12

function rangesText(ranges: Outcome['ledger']['lost_ranges']): string {
  const shown = ranges.slice(0, MOST_RANGES).map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`))
  return shown.length > 0 ? `numbers ${shown.join(', ')}${ranges.length > MOST_RANGES ? ', …' : ''}` : ''
}
