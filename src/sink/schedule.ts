/** When a fault is on, in milliseconds from the start: always, from … until, or off and on by turns. */
export type When =
  | { readonly kind: 'always' }
  | { readonly kind: 'window'; readonly fromMs: number; readonly untilMs: number }
  | { readonly kind: 'flap'; readonly offMs: number; readonly onMs: number }

export const ALWAYS: When = { kind: 'always' }

export function isOn(when: When, ms: number): boolean {
  switch (when.kind) {
    case 'always':
      return true
    case 'window':
      return ms >= when.fromMs && ms < when.untilMs
    case 'flap':
      return ms % (when.offMs + when.onMs) >= when.offMs
  }
}

/** When it next goes on or off after `ms`; Infinity when it stays as it is. */
export function nextChange(when: When, ms: number): number {
  switch (when.kind) {
    case 'always':
      return Number.POSITIVE_INFINITY
    case 'window':
      return [when.fromMs, when.untilMs].find(at => at > ms) ?? Number.POSITIVE_INFINITY
    case 'flap': {
      const period = when.offMs + when.onMs
      const start = Math.floor(ms / period) * period
      return [start + when.offMs, start + period].find(at => at > ms) as number
    }
  }
}
