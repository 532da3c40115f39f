import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'
import { formatCount, formatMany } from '../core/sizes.ts'
import type { Expectation, Unmet } from '../watch/expectations.ts'
import type { Health } from '../watch/look.ts'
import type { CollectorStatus, ConnectorStatus, Count, ExporterStatus, QueueStatus } from '../watch/status.ts'
import { levelColour, levelWords } from './level-words.ts'

/** More collectors than this: those with nothing to say have one line together. */
const FEW = 5
/** Clocks differ by this much without anybody noticing. */
export const CLOCKS_DIFFER_MS = 5000

/** What collectors are doing, for a person; then what is not as expected. */
export function statusText(
  all: readonly CollectorStatus[],
  expectations: readonly Expectation[],
  missed: readonly Unmet[],
  paint: Painter,
): string {
  const quiet = all.length > FEW ? all.filter(isQuiet) : []
  const shown = all.filter(status => !quiet.includes(status))
  const parts = shown.map(status => block(status, paint))
  if (quiet.length > 0) parts.push(`${paint.green(`${formatMany(quiet.length, 'collector')} at level 0, and nothing fails`)}\n`)
  if (expectations.length > 0) parts.push(verdict(expectations, missed, paint))
  return parts.join('\n')
}

/** Whether there is nothing that a person has to see. */
export const isQuiet = ({ problem, health, connectors, others, received, clockAheadMs }: CollectorStatus): boolean =>
  !problem &&
  health !== 'not-ok' &&
  health !== 'no-answer' &&
  Math.abs(clockAheadMs ?? 0) < CLOCKS_DIFFER_MS &&
  connectors.every(
    ({ level, levels, queue }) => level === 0 && !isFilling(queue) && levels.every(({ exporters }) => exporters.every(isWell)),
  ) &&
  others.every(isWell) &&
  isNone(received.refused) &&
  isNone(received.failed)

const isWell = ({ failed, notQueued, queue }: ExporterStatus): boolean => isNone(failed) && isNone(notQueued) && !isFilling(queue)
const isNone = ({ grown, total }: Count): boolean => (grown ?? total) === 0
const isFilling = (queue: QueueStatus | undefined): boolean => queue?.capacity !== undefined && queue.size > 0.8 * queue.capacity

function block(status: CollectorStatus, paint: Painter): string {
  const { name, metrics, problem } = status
  const shown = metrics.replace(/^http:\/\//, '').replace(/\/metrics$/, '')
  const title = `${paint.bold(name)}${shown === name ? '' : `  ${paint.dim(shown)}`}`
  if (problem) return `${title}\n  ${paint.red('NOT READ')}  ${problem.message}\n            ${paint.dim(problem.hint)}\n`
  const lines = [
    `${title}  ${about(status, paint)}`,
    ...status.connectors.flatMap(connector => connectorLines(connector, paint)),
    ...(status.connectors.length === 0 ? [paint.dim('  no failover connector is seen in its metrics')] : []),
    ...(status.others.length > 0
      ? [
          paint.dim(
            status.connectors.every(({ levels }) => levels.length === 0)
              ? '  exporters (--config names their levels)'
              : '  in no level',
          ),
          ...exporterTable(status.others, '    ', paint),
        ]
      : []),
    receivedLine(status, paint),
  ]
  return `${lines.join('\n')}\n`
}

const HEALTH: Readonly<Record<Health, string>> = {
  ok: 'health ok',
  'not-ok': 'HEALTH CHECK SAYS NO',
  'no-answer': 'HEALTH CHECK SILENT',
  unknown: '',
}

function about({ version, uptimeS, health, restarted, clockAheadMs }: CollectorStatus, paint: Painter): string {
  const clock = clockWords(clockAheadMs)
  return [
    ...(version === undefined ? [] : [paint.dim(`collector ${version}`)]),
    ...(uptimeS === undefined ? [] : [paint.dim(`up ${formatDuration(uptimeS * 1000)}`)]),
    ...(restarted ? [paint.yellow('JUST RESTARTED')] : []),
    ...(health === 'unknown' ? [] : [health === 'ok' ? paint.green(HEALTH.ok) : paint.red(HEALTH[health])]),
    ...(clock === '' ? [] : [paint.yellow(clock)]),
  ].join(', ')
}

export function clockWords(ahead: number | undefined): string {
  if (ahead === undefined || Math.abs(ahead) < CLOCKS_DIFFER_MS) return ''
  return `ITS CLOCK IS ${formatDuration(Math.abs(ahead))} ${ahead > 0 ? 'AHEAD' : 'BEHIND'}`
}

function connectorLines({ id, level, evidence, changedMs, seenMs, levels, queue }: ConnectorStatus, paint: Painter): string[] {
  const colour = levelColour(level, paint)
  const state = level === undefined ? '' : level < 0 ? '' : level > 0 ? ', failed over' : ''
  const since =
    changedMs !== undefined
      ? `, since ${formatDuration(changedMs)}`
      : seenMs !== undefined && seenMs > 0
        ? `, for ${formatDuration(seenMs)} at least`
        : ''
  const exporters = levels.flatMap(({ index, exporters }) => exporters.map(exporter => ({ ...exporter, index })))
  const width = Math.max(0, ...exporters.map(({ id }) => id.length))
  return [
    `  ${paint.bold(id)}  ${colour(`${levelWords(level)}${state}`)}${since}  ${paint.dim(`(${evidence})`)}`,
    ...exporters.map(exporter => {
      const isCurrent = exporter.index === level
      const mark = isCurrent ? colour('→') : ' '
      return `  ${mark} ${paint.dim(String(exporter.index))} ${exporterLine(exporter, width, paint)}`
    }),
    ...(queue ? [`      ${paint.dim('its queue')} ${queueWords(queue, paint)}`] : []),
  ]
}

function exporterTable(exporters: readonly ExporterStatus[], indent: string, paint: Painter): string[] {
  const width = Math.max(...exporters.map(({ id }) => id.length))
  return exporters.map(exporter => `${indent}  ${exporterLine(exporter, width, paint)}`)
}

function exporterLine({ id, sent, failed, notQueued, queue }: ExporterStatus, width: number, paint: Painter): string {
  const parts = [
    `${countWords(sent)} sent`,
    badWords(failed, 'failed', paint),
    ...(notQueued.total > 0 ? [badWords(notQueued, 'refused by its full queue', paint)] : []),
    ...(queue ? [`queue ${queueWords(queue, paint)}`] : []),
  ]
  return `${id.padEnd(width)}  ${parts.join(', ')}`
}

/** A rate where two looks tell one; else what it is since the start. */
export const countWords = ({ total, perSecond }: Count): string =>
  perSecond === undefined ? formatCount(total) : `${rateWords(perSecond)}/s`

export const rateWords = (perSecond: number): string =>
  perSecond === 0 ? '0' : perSecond < 10 ? String(Number(perSecond.toFixed(1))) : formatCount(perSecond)

// What once failed and fails no more is worth a word, and no alarm.
function badWords(count: Count, what: string, paint: Painter): string {
  const { total, grown } = count
  const text = `${countWords(count)} ${what}`
  if (grown === undefined) return total > 0 ? paint.yellow(text) : text
  return grown > 0 ? paint.red(text) : total > 0 ? `${text} ${paint.dim(`(${formatCount(total)} since its start)`)}` : text
}

export function queueWords({ size, capacity }: QueueStatus, paint: Painter): string {
  if (!capacity) return formatCount(size)
  const share = size / capacity
  const text = `${formatCount(size)} of ${formatCount(capacity)} (${Math.round(100 * share)}%)`
  return share > 0.8 ? paint.red(text) : share > 0.5 ? paint.yellow(text) : text
}

function receivedLine({ received: { accepted, refused, failed, dropped } }: CollectorStatus, paint: Painter): string {
  const since = accepted.perSecond === undefined ? paint.dim(' since its start (--interval gives rates)') : ''
  const parts = [
    `${countWords(accepted)} accepted`,
    badWords(refused, 'refused', paint),
    badWords(failed, 'failed', paint),
    ...(dropped.total > 0 ? [badWords(dropped, 'dropped or refused by processors', paint)] : []),
  ]
  return `  ${paint.dim('received')} ${parts.join(', ')}${since}`
}

function verdict(expectations: readonly Expectation[], missed: readonly Unmet[], paint: Painter): string {
  if (missed.length === 0)
    return `${paint.green(paint.bold('AS EXPECTED'))}  ${expectations.map(({ text }) => text).join(', ')}\n`
  const lines = missed.map(({ collector, expectation, found }) => `  ${collector}: ${found}  ${paint.dim(`(${expectation})`)}\n`)
  return `${paint.red(paint.bold('NOT AS EXPECTED'))}\n${lines.join('')}`
}
