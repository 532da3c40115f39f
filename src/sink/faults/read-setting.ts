import { parseDuration } from '../../core/duration.ts'
import { FailoverctlError } from '../../core/errors.ts'

export const wrongSetting = (name: string, value: string, expected: string): FailoverctlError =>
  new FailoverctlError('wrong-use', `the fault's ${name} cannot be ${value === '' ? 'empty' : value}`, `It is ${expected}.`)

export function durationOf(name: string, text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms < 0) throw wrongSetting(name, text, 'a duration with a unit, such as 200ms or 2s')
  return ms
}

/** `10%` → 0.1. */
export function shareOf(text: string): number | undefined {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1]
  return percent !== undefined && Number(percent) <= 100 ? Number(percent) / 100 : undefined
}

/** `500-599+700` → [500, 599], [700, 700]; undefined also for a range from the higher to the lower end, which would be of no item. */
export function rangesOf(text: string): [from: number, to: number][] | undefined {
  if (!/^\d+(-\d+)?(\+\d+(-\d+)?)*$/.test(text)) return undefined
  const ranges = text.split('+').map((part): [number, number] => {
    const [from = '', to = from] = part.split('-')
    return [Number(from), Number(to)]
  })
  return ranges.every(([from, to]) => from <= to) ? ranges : undefined
}

const UNITS = new Map([
  ['', 1],
  ['B', 1],
  ['kB', 1000],
  ['KiB', 1024],
  ['MB', 1000 ** 2],
  ['MiB', 1024 ** 2],
])

/** Bytes a second. */
export function rateOf(name: string, text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text.replace(/\/s$/, '')) ?? []
  const scale = UNITS.get(unit)
  if (number === undefined || scale === undefined || Number(number) <= 0) {
    throw wrongSetting(name, text, 'bytes a second, such as 64KiB or 1MB')
  }
  return Number(number) * scale
}
