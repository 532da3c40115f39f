import { formatDuration } from '../core/duration.ts'
import type { Host } from '../core/host.ts'
import type { Lane } from '../otlp/sender.ts'

const PROGRESS_MS = 250
/** The rate is that of the last so many lines. */
const WINDOW = 8

/** Shows how it goes until the function that comes back is called. */
export function showProgress(
  { clock, terminal }: Host,
  { lanes }: { readonly lanes: readonly Lane[] },
  startedAt: number,
): () => void {
  let cancel = () => {}
  const seen: { readonly at: number; readonly sent: number }[] = []
  const show = () => {
    const total = (count: (lane: Lane) => number) => lanes.reduce((sum, lane) => sum + count(lane), 0)
    const [now, sent] = [clock.now(), total(({ ledger }) => ledger.sent)]
    const { at, sent: before } = seen[0] ?? { at: startedAt, sent: 0 }
    seen.push({ at: now, sent })
    if (seen.length > WINDOW) seen.shift()
    const rate = Math.round(((sent - before) * 1000) / Math.max(1, now - at))
    const bad = [
      [total(({ ledger }) => ledger.refused.size), 'refused'],
      [total(({ ledger }) => ledger.unknown.size), 'unknown'],
    ].map(([count, word]) => (count ? `, ${count} ${word}` : ''))
    const acknowledged = total(({ ledger }) => ledger.acknowledged.size)
    terminal.status(
      `${formatDuration(now - startedAt).padStart(6)}  ${rate}/s  ${sent} sent, ${acknowledged} acknowledged${bad.join('')}`,
    )
    cancel = clock.timer(PROGRESS_MS, show)
  }
  show()
  return () => {
    cancel()
    terminal.status('')
  }
}
