import type { Trend } from '../chaos/journal/trend.ts'
import { formatDuration } from '../core/duration.ts'
import type { Check, Outcome } from '../model/outcome.ts'
import { countedRows } from './counted-words.ts'
import { faultWords } from './fault-words.ts'
import { isCollector } from './is-collector.ts'
import { countText, spreadText } from './trend-text.ts'

const VERDICTS = { held: '✅ held', deviated: '❌ deviated', unknown: '❔ unknown' } as const
const RESULTS = { ...VERDICTS, skipped: '➖ not tried' } as const

/** An outcome for a pull request or a job's summary: the verdict first, what it is made of, and the rest to unfold. */
export function outcomeMarkdown(outcome: Outcome): string {
  const { verdict, reason, checks, notes, ledger } = outcome
  return [
    `## Failover ${VERDICTS[verdict]}`,
    plain(reason),
    table(['check', 'result', 'expected', 'observed', 'took', 'evidence'], checks.map(row)),
    ...(ledger.sent > 0 ? [ledgerTable(outcome), unfold('Step by step', events(outcome))] : []),
    ...causes(outcome),
    ...(notes.length > 0 ? [notes.map(note => `- ${plain(note)}`).join('\n')] : []),
    `<sub>${provenance(outcome)}</sub>`,
  ]
    .map(part => `${part}\n`)
    .join('\n')
}

const row = ({ name, result, expected, observed, took_s, evidence }: Check): string[] => [
  name,
  RESULTS[result],
  expected,
  observed,
  took_s === null ? '' : formatDuration(took_s * 1000),
  evidence,
]

/** Several runs: a line each, and how their times are spread. */
export function trendMarkdown({ runs, count, failover_time_s, recovery_time_s }: Trend): string {
  const marks = { ...VERDICTS, unfinished: '⚠️ unfinished' } as const
  const time = (seconds: number | null) => (seconds === null ? '–' : formatDuration(seconds * 1000))
  return [
    `## Failover over ${runs.length} runs: ${countText(count)}`,
    table(
      ['started', 'verdict', 'failover', 'recovery', 'lost', 'duplicated', 'run', 'what came of it'],
      runs.map(run => [
        run.started,
        marks[run.verdict],
        time(run.failover_time_s),
        time(run.recovery_time_s),
        `${run.lost ?? '?'}`,
        `${run.duplicated ?? '?'}`,
        run.run,
        run.reason,
      ]),
    ),
    table(
      ['', 'over all runs'],
      [
        ['failover time', spreadText(failover_time_s)],
        ['recovery time', spreadText(recovery_time_s)],
      ],
    ),
  ]
    .map(part => `${part}\n`)
    .join('\n')
}

function ledgerTable({ ledger, backends }: Outcome): string {
  const { sent, acknowledged, refused, unknown, delivered, lost, duplicated, queued, lost_ranges } = ledger
  const levelOf = (name: string) => backends.find(backend => backend.name === name)?.level ?? null
  const at = Object.entries(delivered).map(([name, spans]) => {
    const level = levelOf(name)
    return [`delivered to ${name}${level === null ? '' : `, level ${level}`}`, `${spans}`]
  })
  const ranges = lost_ranges.slice(0, MOST_RANGES).map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`))
  const margin = ledger.counted?.margin ? ` ± ${ledger.counted.margin.spans}` : ''
  const numbers = ranges.length > 0 ? ` (numbers ${ranges.join(', ')}${lost_ranges.length > MOST_RANGES ? ', …' : ''})` : ''
  return table(
    ['spans', ''],
    [
      ['sent', `${sent}`],
      ['acknowledged', `${acknowledged}`],
      ['refused: the sender was told', `${refused}`],
      ['unknown: no answer', `${unknown}`],
      ...at,
      ['**lost**', `${lost}${margin}${numbers}`],
      ['duplicated', `${duplicated}`],
      ...(queued > 0 ? [['still queued', `${queued}`]] : []),
      ...countedRows(ledger),
    ],
  )
}

const MOST_RANGES = 5

function events({ levels, faults }: Outcome): string {
  const all = [
    ...levels.map(({ at_s, level, connector }) => ({ at: at_s, order: 2, text: `${connector} is on level ${level}` })),
    ...faults.flatMap(({ at_s, until_s, kind, backend }) => [
      { at: at_s, order: 1, text: `▼ ${backend} ${faultWords(kind).made}` },
      ...(until_s === null ? [] : [{ at: until_s, order: 1, text: `▲ ${backend} ${faultWords(kind).ended}` }]),
    ]),
  ].sort((a, b) => a.at - b.at || a.order - b.order)
  return table(
    ['at', 'what'],
    all.map(({ at, text }) => [`${at.toFixed(2)} s`, text]),
  )
}

function causes({ causes: found, verdict }: Outcome): string[] {
  if (verdict === 'held' || found.length === 0) return []
  const lines = found.map(({ what, rule, file, line }) => `- ${code(`${file}:${line}`)} ${code(rule)} ${plain(what)}`)
  return [`**What the config says about it**\n\n${lines.join('\n')}`]
}

const provenance = ({ target, config, collector_version, run, seed }: Outcome): string =>
  `failoverctl chaos on ${plain(target)}, config ${plain(config)}${isCollector(collector_version) ? `, collector ${plain(collector_version)}` : ''}, run ${run}, seed ${seed}`

const unfold = (title: string, inside: string): string => `<details><summary>${title}</summary>\n\n${inside}\n\n</details>`

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows.map(cells => cells.map(cell))].map(cells => `| ${cells.join(' | ')} |`).join('\n')

// Bold is ours; everything else comes from configs and metrics, and is text.
const cell = (text: string): string => (/^\*\*[a-z]+\*\*$/.test(text) ? text : plain(text))

/** Text in which nothing is markup: neither Markdown, nor HTML, nor a mention. */
const plain = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]#|~]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@/g, '&#64;')

const code = (text: string): string => `<code>${plain(text)}</code>`
