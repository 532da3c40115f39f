import { FailoverctlError } from '../core/errors.ts'
import type { Range } from '../otlp/sequence-set.ts'
import { SIGNALS, type Signal } from '../otlp/signal.ts'
import type { SentRun } from './reconcile.ts'

/** Reads what `send --json` has printed. Throws `not-a-summary` with the file's name. */
export function readSentRuns(file: string, text: string): SentRun[] {
  const { run, ids, signals } = parse(file, text)
  if (typeof run !== 'string' || !Array.isArray(signals)) throw notSummary(file, 'it has no run and no signals')
  return signals.map((of: unknown) => {
    if (!isObject(of) || typeof of.signal !== 'string' || !Object.hasOwn(SIGNALS, of.signal))
      throw notSummary(file, 'it has a signal that OTLP does not know')
    const [sent, acknowledged] = [count(file, of, 'sent'), count(file, of, 'acknowledged')]
    const [refused, unknown] = [ranges(file, of, 'refused_ranges'), ranges(file, of, 'unknown_ranges')]
    const rest = complement([...refused, ...unknown], sent)
    return {
      run,
      signal: of.signal as Signal,
      sent,
      acknowledged: rest,
      refused,
      unknown,
      // The sender lists only so many ranges: those that it did not list look as if they had been acknowledged.
      unlisted: sizeOf(rest) - acknowledged,
      // Only a span says its number by its ids; data points and log records have it in attributes.
      numbered: ids !== 'own' && (ids !== 'random' || of.signal !== 'traces'),
    }
  })
}

/** The numbers from 1 to `upTo` that are in none of the ranges. */
function complement(without: readonly Range[], upTo: number): Range[] {
  const rest: Range[] = []
  let next = 1
  for (const [from, to] of [...without].sort(([a], [b]) => a - b)) {
    if (from > next) rest.push([next, from - 1])
    next = Math.max(next, to + 1)
  }
  return next <= upTo ? [...rest, [next, upTo]] : rest
}

const sizeOf = (found: readonly Range[]): number => found.reduce((sum, [from, to]) => sum + to - from + 1, 0)

type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

function parse(file: string, text: string): Fields {
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {}
  throw notSummary(file, text.trim() === '' ? 'it is empty' : 'it is not JSON')
}

function count(file: string, of: Fields, key: string): number {
  const value = of[key]
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw notSummary(file, `it has no ${key}`)
  return value
}

function ranges(file: string, of: Fields, key: string): Range[] {
  const value = of[key]
  const isRange = (each: unknown) => Array.isArray(each) && each.length === 2 && each.every(Number.isInteger)
  if (!Array.isArray(value) || !value.every(isRange)) throw notSummary(file, `it has no ${key}`)
  return value as Range[]
}

const notSummary = (file: string, why: string): FailoverctlError =>
  new FailoverctlError(
    'not-a-summary',
    `${file}: expected what failoverctl send --json prints, but ${why}`,
    'Write it with: failoverctl send --json … > sent.json',
  )
