import type { Outcome } from '../../model/outcome.ts'
import { faultWords } from '../fault-words.ts'
import { type Html, html } from './html.ts'

const MOST_EVENTS = 60

/** The same story in words, for whoever cannot see the curves. */
export function events({ levels, faults, events: told = [] }: Outcome): Html {
  const all = [
    ...levels.map(({ at_s, level, connector }) => ({
      at: at_s,
      order: 2,
      text: html`<code>${connector}</code> ${level < 0 ? 'has no level left: all have failed' : `is on level ${level}`}`,
    })),
    ...faults.flatMap(({ at_s, until_s, kind, backend }) => [
      { at: at_s, order: 1, text: html`▼ ${backend} ${faultWords(kind).made}` },
      ...(until_s === null ? [] : [{ at: until_s, order: 1, text: html`▲ ${backend} ${faultWords(kind).ended}` }]),
    ]),
    ...told.map(({ at_s, source, text }) => ({ at: at_s, order: 3, text: html`<code>${source}</code> ${text}` })),
  ].sort((a, b) => a.at - b.at || a.order - b.order)
  const shown = all.slice(0, MOST_EVENTS)
  return html`<details open><summary>Step by step</summary><ol class="events">${shown.map(
    ({ at, text }) => html`<li><time>${at.toFixed(2)} s</time><span>${text}</span></li>`,
  )}</ol>${all.length > shown.length ? html`<p>… and ${all.length - shown.length} more.</p>` : undefined}</details>`
}
