import { formatDuration } from '../../core/duration.ts'
import { unitOf } from '../../experiment/tolerance.ts'
import { MissingSpans } from './missing-spans.ts'
import type { MakeProbe } from './probe.ts'

const AFTER_MS = 10_000

/** Acknowledged spans that are at no backend after a while: lost so far, or in a queue for so long. */
export const loss: MakeProbe = ({ settings, tolerance }, { target, rate }) => {
  const { afterMs = AFTER_MS } = settings
  const spans = new MissingSpans(target.backends, rate)
  const asShare = unitOf(tolerance) === 'share'
  return {
    about: `acknowledged spans at no backend after ${formatDuration(afterMs)}`,
    evidence: 'what was acknowledged against what the backends hold',
    async look(view) {
      const found = await spans.look(view)
      if (!found) return { missing: 'a backend counts its spans and does not say which they are' }
      const missing = found.missing(view.now() - afterMs / 1000)
      return { found: asShare ? missing / Math.max(1, view.acknowledged) : missing }
    },
  }
}
