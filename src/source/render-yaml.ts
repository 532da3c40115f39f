import type { Data } from './change.ts'
import { resolvePlain } from './resolve-scalar.ts'

/** Data on one line, in the way of the brackets around it: `{a: b}` or `{ a: b }`. */
export function inFlow(data: Data, spaced: boolean): string {
  if (Array.isArray(data)) return `[${data.map(item => inFlow(item, spaced)).join(', ')}]`
  if (typeof data !== 'object' || data === null) return scalar(data as string | number | boolean | null)
  const entries = Object.entries(data).map(([key, value]) => `${scalar(key)}: ${inFlow(value, spaced)}`)
  if (entries.length === 0) return '{}'
  return spaced ? `{ ${entries.join(', ')} }` : `{${entries.join(', ')}}`
}

/** `key: data` as lines, each level of it `step` deeper than the one around it. */
export function inBlock(key: string, data: Data, step: string): string[] {
  const inside = blockLines(data, step)
  if (!inside) return [`${scalar(key)}: ${inFlow(data, false)}`]
  return [`${scalar(key)}:`, ...inside.map(line => step + line)]
}

// Lists of scalars stay on one line, as people write them.
function blockLines(data: Data, step: string): string[] | undefined {
  if (typeof data !== 'object' || data === null || Object.keys(data).length === 0) return undefined
  if (!Array.isArray(data)) return Object.entries(data).flatMap(([key, value]) => inBlock(key, value, step))
  if (data.every(item => typeof item !== 'object')) return undefined
  return data.flatMap(item =>
    (blockLines(item, step) ?? [inFlow(item, false)]).map((line, index) => (index === 0 ? '- ' : '  ') + line),
  )
}

// Everything that could mean something else without quotes gets them. What JSON writes, YAML reads.
function scalar(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return String(value)
  const isPlain =
    /^[a-z_/.\d][\w./:-]*$/i.test(value) && !value.endsWith(':') && !/^\d+-/.test(value) && resolvePlain(value) === value
  return isPlain ? value : JSON.stringify(value)
}
