const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Bytes as a person would say them, in powers of 1000: `512 B`, `1.4 MB`. */
export function formatBytes(bytes: number): string {
  const step = bytes < 999.5 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes * 1.0005) / 3))
  const value = bytes / 1000 ** step
  return `${step === 0 || value >= 99.95 ? Math.round(value) : Number(value.toFixed(1))} ${UNITS[step]}`
}

/** A whole number with its thousands apart: `1,234,567`. */
export const formatCount = (count: number): string => String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',')
