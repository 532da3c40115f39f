import type { Component } from '../../collector/graph.ts'
import { settingsOf } from '../../collector/settings.ts'
import type { Value } from '../../source/value.ts'
import type { Remark, Rule } from '../rule.ts'
import { uint32 } from '../uint32.ts'
import { quote } from '../words.ts'

export const memoryLimiterLimits: Rule = {
  id: 'memory-limiter-limits',
  severity: 'error',
  kind: 'refused',
  title: 'A memory_limiter has an interval and a limit',
  why: `The collector does not start with a memory_limiter without a \`check_interval\` or a limit, used or not: "must be greater than zero"; and not with a
spike limit that is no smaller than the limit (core 0.161.0, internal/memorylimiter/config.go; measured).`,

  *check({ components }) {
    for (const limiter of components.processors.values()) {
      if (limiter.type !== 'memory_limiter' || hasUnknown(limiter.settings)) continue
      yield* remarksOn(limiter)
    }
  },

  bad: [
    'processors: { «memory_limiter»: , memory_limiter/b: { check_interval: «0s», limit_mib: 100 } }',
    'processors: { «memory_limiter»: { check_interval: 1s }, memory_limiter/b: { check_interval: 1s, limit_mib: «0» } }',
    'processors: { memory_limiter: { check_interval: 1s, limit_mib: 100, spike_limit_mib: «100» } }',
    'processors: { memory_limiter: { check_interval: 1s, limit_percentage: 50, spike_limit_percentage: «60» } }',
  ],

  good: [
    `
processors:
  memory_limiter: { check_interval: 1s, limit_mib: 100, spike_limit_mib: 20 }
  memory_limiter/share: { check_interval: 1s, limit_percentage: 80 }
  memory_limiter/env: { check_interval: 1s, limit_mib: "\${env:LIMIT}" }
`,
  ],
}

const hasUnknown = (settings: Value | undefined): boolean =>
  settings?.kind === 'map' &&
  [...settings.entries.values()].some(({ value }) => value.kind === 'scalar' && value.isUnknown === true)

function* remarksOn({ id, at, settings }: Component): Generator<Remark> {
  const { duration, number } = settingsOf({ at, settings })
  const interval = duration('check_interval', 0)
  if (interval.value <= 0) {
    yield { at: interval.at, message: `${quote(id)} has no check_interval above 0`, hint: 'Write `check_interval: 1s`.' }
    return
  }
  const limits = (['mib', 'percentage'] as const).map(unit => ({ unit, limit: number(`limit_${unit}`, 0) }))
  const set = limits.filter(({ limit }) => uint32(limit.value) > 0)
  const stated = limits.find(({ limit }) => limit.stated)
  if (set.length === 0) {
    const hint = 'Write `limit_mib` or `limit_percentage`.'
    yield { at: stated?.limit.at ?? at, message: `${quote(id)} has no limit above 0`, hint }
  }
  for (const { unit, limit } of set) {
    const spike = number(`spike_limit_${unit}`, 0)
    if (uint32(spike.value) < uint32(limit.value) || uint32(spike.value) === 0) continue
    const hint = 'A fifth of the limit is usual.'
    yield { at: spike.at, message: `the spike limit of ${quote(id)} is not smaller than its limit`, hint }
  }
}
