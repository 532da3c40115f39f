const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Bytes as a person would say them, in powers of 1000: `512 B`, `1.4 MB`. */
export function formatBytes(bytes: number): string {
  let [value, step] = [bytes, 0]
  while (value >= 999.5 && step < UNITS.length - 1) {
    value /= 1000
    step++
  }
  return `${step === 0 || value >= 99.95 ? Math.round(value) : Number(value.toFixed(1))} ${UNITS[step]}`
}

/** A whole number with its thousands apart: `1,234,567`. */
export const formatCount = (count: number): string => String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',')

/** `1 line`, `2 lines`: with its thousands apart, and an s for all but one. */
export const formatMany = (count: number, what: string): string => `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`
