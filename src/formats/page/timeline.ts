import { formatDuration } from '../../core/duration.ts'
import type { FaultWindow, Outcome } from '../../model/outcome.ts'
import type { QueueSeries, Series } from '../../simulate/result.ts'
import { faultWords } from '../fault-words.ts'
import { count } from './count.ts'
import { events } from './events.ts'
import { embedded, type Html, html } from './html.ts'
import { numbers } from './numbers.ts'
import { area, BOX, curve, labelAt, max, percent, roundUp, SPARE, share, timeTicks, units } from './scale.ts'

/** Blue, orange, green, purple, yellow, red-brown: apart for colour-blind eyes (Okabe and Ito); the dashes tell them apart without colour. */
const LINES = [
  ['#0072b2', ''],
  ['#d55e00', '7 4'],
  ['#009e73', '2 4'],
  ['#cc79a7', '9 3 2 3'],
  ['#b58900', '5 2'],
  ['#7a5195', '1 3'],
] as const

const lineOf = (index: number) => LINES[index % LINES.length] as (typeof LINES)[number]

/** Level, rates and queues over one time axis, the faults shaded through all of them. */
export function timeline(outcome: Outcome, series: Series | undefined, id: string): Html {
  const total = totalSeconds(outcome, series)
  const shade = html`${outcome.faults.map(fault => faultArea(fault, total))}`
  const connectors = [...new Set(outcome.levels.map(({ connector }) => connector))]
  return html`
<section>
<h2>What happened</h2>
<div class="timeline" id="${id}-chart">
${faultLabels(outcome.faults, total)}
${connectors.map(connector => levelPanel(connector, outcome, total, shade))}
${series ? ratePanel(series, shade) : undefined}
${series?.queues.filter(({ peak }) => max(peak) > 1).map(queue => queuePanel(queue, shade))}
${timeAxis(total)}
${series ? cursor(outcome, series, id) : undefined}
</div>
${events(outcome)}
${series ? numbers(outcome, series, id) : undefined}
</section>`
}

function totalSeconds({ levels, faults }: Outcome, series: Series | undefined): number {
  if (series) return series.buckets * series.bucket_s
  return 1.05 * Math.max(1, ...levels.map(({ at_s }) => at_s), ...faults.map(({ at_s, until_s }) => until_s ?? at_s))
}

const faultArea = ({ at_s, until_s }: FaultWindow, total: number): Html => {
  const [from, to] = [share(at_s, total), share(until_s ?? total, total)]
  return html`<rect class="fault" x="${units(from)}" y="${-SPARE}" width="${Math.max(2, units(to - from))}" height="${BOX + 2 * SPARE}"/>`
}

// One line for all faults of a kind on a backend: flapping must not write over itself.
function faultLabels(faults: readonly FaultWindow[], total: number): Html | undefined {
  const groups = new Map<string, FaultWindow[]>()
  for (const fault of faults)
    groups.set(`${fault.backend} ${fault.kind}`, [...(groups.get(`${fault.backend} ${fault.kind}`) ?? []), fault])
  const labels = [...groups.values()].map(([first, ...more]) => {
    const { at_s, backend, kind } = first as FaultWindow
    const at = share(at_s, total)
    const side =
      at > 0.5 ? `right:${percent(1 - at)};max-width:${percent(at)}` : `left:${percent(at)};max-width:${percent(1 - at)}`
    const times = more.length > 0 ? `, ${more.length + 1} times` : ''
    return html`<div class="row"><div class="gutter"></div><div class="faults" aria-hidden="true"><span style="${side}">▼ ${backend} ${faultWords(kind).made}${times}</span></div></div>`
  })
  return html`${labels}`
}

const panel = (title: Html | string, gutter: Html, height: number, picture: Html): Html => html`
<figure><figcaption>${title}</figcaption>
<div class="row"><div class="gutter" style="height:${height}px" aria-hidden="true">${gutter}</div>
<div class="plot" style="height:${height}px"><svg viewBox="0 ${-SPARE} ${BOX} ${BOX + 2 * SPARE}" preserveAspectRatio="none" aria-hidden="true">${picture}</svg></div></div>
</figure>`

const ROW_PX = 26

// One row a level, the highest on top, and one below for "every level has failed" where that happened.
function levelPanel(connector: string, { levels, backends }: Outcome, total: number, shade: Html): Html {
  const own = levels.filter(level => level.connector === connector)
  const deepest = Math.max(1, ...own.map(({ level }) => level), ...backends.map(({ level }) => level ?? 0))
  const rows = deepest + 1 + (own.some(({ level }) => level < 0) ? 1 : 0)
  const middle = (level: number) => (BOX * ((level < 0 ? rows - 1 : level) + 0.5)) / rows
  const steps = own.map(
    ({ at_s, level }, index) => `${index === 0 ? `M0 ${middle(level)}` : `H${units(share(at_s, total))}V${middle(level)}`}`,
  )
  const names = Array.from({ length: rows }, (_, row) => {
    const level = row > deepest ? -1 : row
    const own = backends.filter(backend => backend.level === level).map(({ name }) => name)
    return html`<span style="top:${percent((row + 0.5) / rows)}" title="${own.join(', ')}">${level < 0 ? 'all failed' : `level ${level}`}</span>`
  })
  const grid = Array.from({ length: rows - 1 }, (_, row) => html`<path class="grid" d="M0 ${(BOX * (row + 1)) / rows}H${BOX}"/>`)
  const line = own.length > 0 ? html`<path class="level" d="${steps.join('')}H${BOX}"/>` : undefined
  return panel(html`Failover level of <code>${connector}</code>`, html`${names}`, rows * ROW_PX, html`${shade}${grid}${line}`)
}

function ratePanel({ delivered, refused, lost, bucket_s }: Series, shade: Html): Html {
  const perSecond = lost.map(count => count / bucket_s)
  const top = roundUp(
    Math.max(...delivered.flatMap(({ rate }) => rate.reduce((a, b) => Math.max(a, b), 0)), max(refused), max(perSecond)),
  )
  const key = [
    ...delivered.map(({ backend, level }, index) =>
      legend(lineOf(index), `${backend}${level === null ? '' : `, level ${level}`}`),
    ),
    ...(max(lost) > 0 ? [html`<span class="key"><i class="lost"></i>lost</span>`] : []),
    ...(max(refused) > 0 ? [html`<span class="key"><i class="refused"></i>refused</span>`] : []),
  ]
  const lines = delivered.map(({ rate }, index) => {
    const [colour, dashes] = lineOf(index)
    return html`<path class="line" stroke="${colour}" stroke-dasharray="${dashes}" d="${curve(rate, top)}"/>`
  })
  return panel(
    html`Spans per second that arrived ${key}`,
    yLabels(top, count),
    150,
    html`${shade}${grid()}${max(refused) > 0 ? html`<path class="refused" d="${area(refused, top)}"/>` : undefined}${
      max(lost) > 0 ? html`<path class="lost" d="${area(perSecond, top)}"/>` : undefined
    }${lines}`,
  )
}

const FULL_SCALE_FROM = 0.25

function queuePanel({ owner, signal, sizer, capacity, peak }: QueueSeries, shade: Html): Html {
  // A queue that is far from full is drawn by what was in it: a flat line would hide that it held the outage.
  const top = max(peak) > FULL_SCALE_FROM * capacity ? capacity : Math.min(capacity, roundUp(max(peak)))
  return panel(
    html`Queue of <code>${owner}</code> (${signal}), of ${count(capacity)} ${sizer}`,
    yLabels(top, size => `${count((100 * size) / capacity)} %`),
    70,
    html`${shade}${grid()}<path class="queue" d="${area(peak, top)}"/>`,
  )
}

const legend = ([colour, dashes]: readonly [string, string], text: string): Html => html`
<span class="key"><svg width="26" height="10" aria-hidden="true"><path d="M0 5H26" stroke="${colour}" stroke-width="3" stroke-dasharray="${dashes}"/></svg>${text}</span>`

const grid = (): Html => html`<path class="grid" d="M0 ${BOX / 2}H${BOX}M0 0H${BOX}"/>`
const yLabels = (top: number, say: (value: number) => string): Html =>
  html`${[1, 0.5, 0].map(part => html`<span style="top:${labelAt(part)}">${say(top * part)}</span>`)}`

function timeAxis(total: number): Html {
  const ticks = timeTicks(total).map((at, index) => {
    const place = share(at, total)
    const kind = `${index % 2 === 1 ? 'minor ' : ''}${place > 0.96 ? 'end' : ''}`
    return html`<span class="${kind.trim()}" style="left:${percent(place)}">${at === 0 ? '0' : formatDuration(at * 1000)}</span>`
  })
  return html`<div class="row"><div class="gutter"></div><div class="axis" aria-hidden="true">${ticks}</div></div>`
}

// The instant to read is chosen by a slider: pointer, touch and arrow keys all move it without a line of code for each.
function cursor({ levels }: Outcome, series: Series, id: string): Html {
  const used = series.queues.filter(({ peak }) => max(peak) > 1)
  const data = {
    bucket: series.bucket_s,
    levels: levels.map(({ at_s, level, connector }) => [at_s, level, connector]),
    curves: [
      ...series.delivered.map(({ backend, rate }) => ({ name: backend, values: rate, unit: '/s' })),
      { name: 'refused', values: series.refused, unit: '/s' },
      { name: 'lost', values: series.lost, unit: ' spans' },
      ...used.map(({ owner, peak, capacity }) => ({ name: `queue of ${owner}`, values: peak, unit: ` of ${capacity}` })),
    ],
  }
  return html`
<div class="row"><div class="gutter"></div><div class="slide"><input type="range" min="0" max="${series.buckets - 1}" value="0" hidden
 aria-label="Instant to read" data-chart="${id}-chart" data-values="${id}-values" data-readout="${id}-readout"></div></div>
<output id="${id}-readout" hidden></output>
<script type="application/json" id="${id}-values">${embedded(data)}</script>`
}
