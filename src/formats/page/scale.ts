/** Curves are drawn in a box of so many units in each direction and stretched to the screen; text stands beside them as HTML. */
export const BOX = 1000

/** Room above and below the curves, so that a line at the end of its axis is seen whole. */
export const SPARE = 40

/** Where the label of a share of an axis stands, from the top of its box. */
export const labelAt = (part: number): string => percent((SPARE + (1 - part) * BOX) / (BOX + 2 * SPARE))

/** The largest of them, and 0 of none. */
export const max = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0)

/** Where a value stands between 0 and the end of its axis, as a share. */
export const share = (value: number, end: number): number => (end > 0 ? Math.min(1, Math.max(0, value / end)) : 0)

export const percent = (part: number): string => `${round(part * 100)}%`
export const units = (part: number): number => round(part * BOX)
const round = (value: number): number => Math.round(value * 100) / 100

const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400]
const TICKS = 7

/** Round instants on the time axis, in seconds: about seven, the first is 0. */
export function timeTicks(totalS: number): number[] {
  const step = STEPS_S.find(candidate => totalS / candidate <= TICKS) ?? 86_400 * Math.ceil(totalS / TICKS / 86_400)
  return Array.from({ length: Math.floor(totalS / step + 1e-9) + 1 }, (_, index) => round(index * step))
}

/** The next round number (1, 2, 5 × 10ⁿ) at or above `value`, so that the axis can be labelled. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  const factor = [1, 2, 5].find(candidate => candidate * power >= value * (1 - 1e-9)) ?? 10
  return factor * power
}

/** A line through the middles of buckets whose values are given, flat where nothing changes. */
export function curve(values: readonly number[], end: number): string {
  const x = (index: number) => units(index / Math.max(values.length, 1))
  return values.map((value, index) => `${index === 0 ? `M0 ${y(value, end)}` : `V${y(value, end)}`}H${x(index + 1)}`).join('')
}

/** The same, closed down to the axis. */
export const area = (values: readonly number[], end: number): string => `M0 ${BOX}${curve(values, end).replace('M', 'L')}V${BOX}Z`

const y = (value: number, end: number) => round(BOX * (1 - share(value, end)))
