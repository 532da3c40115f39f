import { formatDuration } from '../../core/duration.ts'
import type { Figures } from '../../experiment/figures.ts'
import type { PageContent } from './content.ts'
import { type Html, html } from './html.ts'
import { BOX, percent, roundUp, units } from './scale.ts'

const BARS = 24

/** How the times are spread over the runs: chance (jitter, the phase of a timer) makes no two outages alike. */
export function spread({ runs }: PageContent): Html | undefined {
  if (runs.length < 2) return undefined
  return html`
<section><h2>Over ${runs.length} runs</h2><div class="histograms">
${histogram('Failover time', runs, run => run.failover_time)}
${histogram('Recovery time', runs, run => run.recovery_time)}
</div></section>`
}

function histogram(title: string, runs: readonly Figures[], of: (run: Figures) => number | null): Html {
  const times = runs.map(of).filter(time => time !== null)
  const never = runs.length - times.length
  const end = roundUp(times.reduce((most, time) => Math.max(most, time), 0))
  const bars = Array.from({ length: BARS }, () => 0)
  for (const time of times) {
    const bar = Math.min(BARS - 1, Math.floor((time / end) * BARS))
    bars[bar] = (bars[bar] as number) + 1
  }
  const most = Math.max(1, ...bars)
  const sorted = times.toSorted((a, b) => a - b)
  const at = (part: number) => formatDuration((sorted[Math.ceil(part * sorted.length) - 1] ?? 0) * 1000)
  const told =
    times.length > 0 ? `half of them within ${at(0.5)}, 95 % within ${at(0.95)}, the longest ${at(1)}` : 'it never happened'
  return html`
<figure><figcaption>${title}: ${told}${never > 0 && times.length > 0 ? `; in ${never} of ${runs.length} runs it did not happen` : ''}</figcaption>
<div class="plot bars"><svg viewBox="0 0 ${BOX} ${BOX}" preserveAspectRatio="none" aria-hidden="true">${bars.map(
    (runsIn, index) =>
      html`<rect class="bar" x="${units(index / BARS)}" width="${units(0.9 / BARS)}" y="${BOX - units(runsIn / most)}" height="${units(runsIn / most)}"/>`,
  )}</svg></div>
<div class="axis" aria-hidden="true">${[0, 0.5, 1].map(
    part =>
      html`<span class="${part === 1 ? 'end' : ''}" style="left:${percent(part)}">${formatDuration(end * part * 1000)}</span>`,
  )}</div></figure>`
}
