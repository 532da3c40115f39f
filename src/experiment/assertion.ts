import { formatDuration, parseDuration } from '../core/duration.ts'
import { FailoverctlError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { type Assertion, type Figures, MEASURES, type Measure } from './figures.ts'
import { OPERATORS, type Operator } from './operators.ts'
import { percentile, valuesOf } from './spread.ts'

/** `lost == 0`, `p95(failover_time) < 10s`, `peak_queue < 80% and refused == 0`. */
export interface Claim {
  readonly text: string
  /** All of them have to hold. */
  readonly comparisons: readonly Comparison[]
}

interface Comparison {
  readonly text: string
  readonly measure: Measure
  /** undefined: every single run has to hold. */
  readonly over: Over | undefined
  readonly operator: Operator
  readonly value: number
  /** The value is a share of the spans that were sent. */
  readonly ofSent: boolean
}

type Over = { readonly name: string; readonly of: (sorted: readonly number[]) => number }

const isTime = (measure: Measure) => measure === 'failover_time' || measure === 'recovery_time'
const isShare = (measure: Measure) => measure === 'peak_queue'

/** Throws `wrong-use` with the column of what it does not understand. */
export function parseClaim(text: string): Claim {
  const words = wordsOf(text)
  const comparisons: Comparison[] = []
  for (;;) {
    comparisons.push(comparison(words))
    const next = words.take()
    if (next.text === '') return { text, comparisons }
    if (next.text !== 'and') throw words.wrong(next, '`and` or the end')
  }
}

function comparison(words: Words): Comparison {
  const from = words.peek().at
  const first = words.take()
  const over = words.peek().text === '(' ? overOf(words, first) : undefined
  const measure = measureOf(words, over ? words.take() : first)
  if (over) {
    const closing = words.take()
    if (closing.text !== ')') throw words.wrong(closing, '`)`')
  }
  const operator = words.take()
  if (!Object.hasOwn(OPERATORS, operator.text)) throw words.wrong(operator, `one of ${Object.keys(OPERATORS).join(' ')}`)
  const value = words.take()
  const end = value.at + value.text.length
  return {
    text: words.text.slice(from, end),
    measure,
    over,
    operator: operator.text as Operator,
    ...amountOf(words, value, measure),
  }
}

function overOf(words: Words, name: Word): Over {
  words.take()
  const [, digits] = /^p(\d{1,2}(?:\.\d+)?|100)$/.exec(name.text) ?? []
  if (digits !== undefined) return { name: name.text, of: sorted => percentile(sorted, Number(digits) / 100) }
  const of = FUNCTIONS.get(name.text)
  if (!of) throw words.wrong(name, 'p50, p95 or another percentile, min, max or mean')
  return { name: name.text, of }
}

const FUNCTIONS: ReadonlyMap<string, Over['of']> = new Map([
  ['min', sorted => percentile(sorted, 0)],
  ['max', sorted => percentile(sorted, 1)],
  ['mean', sorted => sorted.reduce((sum, value) => sum + value, 0) / sorted.length],
])

function measureOf(words: Words, word: Word): Measure {
  const found = MEASURES.find(measure => measure === word.text)
  if (found) return found
  const meant = nearest(word.text, MEASURES)
  throw words.wrong(word, meant ? `\`${meant}\`` : `one of ${MEASURES.join(', ')}`)
}

function amountOf(words: Words, word: Word, measure: Measure): Pick<Comparison, 'value' | 'ofSent'> {
  if (isTime(measure)) {
    const ms = parseDuration(word.text)
    if (ms === undefined || ms < 0) throw words.wrong(word, 'a duration with a unit, such as 10s')
    return { value: ms / 1000, ofSent: false }
  }
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(word.text) ?? []
  if (digits === undefined)
    throw words.wrong(word, isShare(measure) ? 'a share such as 80%' : 'a number of spans, or a share such as 0.1%')
  if (!percent) return { value: Number(digits), ofSent: false }
  return { value: Number(digits) / 100, ofSent: !isShare(measure) }
}

/** Whether a claim holds over all runs, and what was the case. */
export function assess(claim: Claim, runs: readonly Figures[]): Assertion {
  const failed = claim.comparisons.find(each => !holds(each, runs))
  const reason = failed ? observed(failed, runs) : claim.comparisons.map(each => observed(each, runs)).join(', ')
  return { text: claim.text, holds: failed === undefined, reason }
}

function holds({ measure, over, operator, value, ofSent }: Comparison, runs: readonly Figures[]): boolean {
  const compare = (found: number, sent: number) => OPERATORS[operator](found, ofSent ? value * sent : value)
  // What never happened is no time at all: it neither lies under a limit nor over it.
  const isThere = (found: number) => Number.isFinite(found)
  if (over) {
    const found = over.of(valuesOf(runs, measure))
    return isThere(found) && compare(found, Math.max(...runs.map(({ sent }) => sent)))
  }
  return runs.every(run => {
    const found = run[measure]
    return found !== null && compare(found, run.sent)
  })
}

function observed({ measure, over, operator }: Comparison, runs: readonly Figures[]): string {
  const values = valuesOf(runs, measure)
  if (over) return `${over.name}(${measure}) was ${say(measure, over.of(values))}`
  const [least, most] = [percentile(values, 0), percentile(values, 1)]
  if (least === most) return `${measure} was ${say(measure, most)}`
  const worst = operator === '>' || operator === '>=' ? least : most
  return `${measure} was ${say(measure, worst)} in the worst of ${runs.length} runs`
}

export function say(measure: Measure, value: number): string {
  if (!Number.isFinite(value)) return 'nothing: it did not happen'
  if (isTime(measure)) return formatDuration(value * 1000)
  return isShare(measure) ? `${Math.round(value * 1000) / 10}%` : String(Math.round(value * 100) / 100)
}

interface Word {
  readonly text: string
  readonly at: number
}

interface Words {
  readonly text: string
  peek(): Word
  take(): Word
  wrong(word: Word, expected: string): FailoverctlError
}

function wordsOf(text: string): Words {
  const found = Array.from(text.matchAll(/[()]|[<>=!]+|[^\s()<>=!]+/g), ({ 0: word, index }): Word => ({ text: word, at: index }))
  const end: Word = { text: '', at: text.length }
  let next = 0
  return {
    text,
    peek: () => found[next] ?? end,
    take: () => found[next++] ?? end,
    wrong(word, expected) {
      const what = word.text === '' ? 'the end' : `\`${word.text}\``
      const message = `--assert "${text}": column ${word.at + 1}: expected ${expected}, found ${what}`
      return new FailoverctlError('wrong-use', message, `${text}\n${' '.repeat(word.at)}^ for example: p95(failover_time) < 10s`)
    },
  }
}
