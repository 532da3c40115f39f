import { MissingSpans } from './missing-spans.ts'
import type { MakeProbe } from './probe.ts'

/** How long the oldest acknowledged span that is at no backend has been on its way. */
export const latency: MakeProbe = (_, { target, rate }) => {
  const spans = new MissingSpans(target.backends, rate)
  return {
    about: 'time on the way of the oldest acknowledged span',
    evidence: 'what was acknowledged against what the backends hold',
    async look(view) {
      const found = await spans.look(view)
      if (!found) return { missing: 'a backend counts its spans and does not say which they are' }
      const { oldestDueAt } = found
      return { found: oldestDueAt === undefined ? 0 : Math.max(0, view.now() - oldestDueAt) }
    },
  }
}
