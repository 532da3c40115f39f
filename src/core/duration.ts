const UNITS_MS: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 }
const TERM = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y

/**
 * A Go duration (`300ms`, `1.5h`, `2m30s`, `-1s`, `0`) in milliseconds, or undefined when Go's
 * time.ParseDuration would refuse it. Anything but `0` needs a unit.
 */
export function parseDuration(text: string): number | undefined {
  const [, sign, rest] = /^([-+]?)(.*)$/su.exec(text) ?? []
  if (rest === undefined) return undefined
  if (rest === '0') return 0
  let total = 0
  let at = 0
  while (at < rest.length) {
    TERM.lastIndex = at
    const term = TERM.exec(rest)
    if (!term) return undefined
    total += Number(term[1]) * (UNITS_MS[term[2] as string] as number)
    at = TERM.lastIndex
  }
  if (at === 0) return undefined
  return sign === '-' ? -total : total
}

/** Milliseconds as a person would say them: `50ms`, `3.2s`, `10m`, `1h30m`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`
  if (ms === 0) return '0s'
  if (ms < 0.001) return `${trim(ms * 1e6)}ns`
  if (ms < 1) return `${trim(ms * 1e3)}µs`
  if (ms < 999.5) return `${trim(ms)}ms`
  const tenths = Math.round(ms / 100) / 10
  if (tenths < 60) return `${tenths}s`
  const seconds = Math.round(ms / 1000)
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const
  return parts.map(([n, unit]) => (n > 0 ? `${n}${unit}` : '')).join('')
}

const trim = (n: number) => String(Number(n.toPrecision(3)))
