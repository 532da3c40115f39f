import type { TargetBackend } from '../target.ts'
import { Growing, WORDS } from './growing.ts'
import { named } from './named.ts'
import type { MakeProbe } from './probe.ts'

/** The different spans that a backend, or all of them together, has taken. */
export const arrivals: MakeProbe = (wished, { target }) => {
  const { backend, of = 'value' } = wished.settings
  const known = new Map<string, TargetBackend>(
    target.backends.flatMap(each => [each.name, ...each.exporters].map(name => [name, each] as const)),
  )
  const concerned = backend === undefined ? target.backends : [named(backend, known, 'backend', wished)]
  const growing = new Growing(of)
  const count = async () =>
    (await Promise.all(concerned.map(each => each.witness())))
      .map(holding => ('seen' in holding ? holding.seen.size : holding.counted))
      .reduce((sum, spans) => sum + spans, 0)
  return {
    about: `${WORDS[of]}spans at ${backend ?? 'all backends'}`,
    evidence: 'what the backends hold',
    begin: async view => growing.begin(await count(), view),
    async look(view) {
      const taken = growing.take(await count(), view)
      return taken === undefined ? { missing: 'no time has passed' } : { found: taken }
    },
  }
}
