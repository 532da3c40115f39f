import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'
import { formatCount, formatMany } from '../core/sizes.ts'
import { timestamp } from '../core/timestamp.ts'
import type { WatchEvent } from '../watch/events.ts'
import type { History } from '../watch/history.ts'
import type { CollectorStatus, ConnectorStatus, ExporterStatus } from '../watch/status.ts'
import type { Row } from '../watch/watching.ts'
import { levelColour, levelWords } from './level-words.ts'
import { clockWords, isQuiet, rateWords } from './status-text.ts'
import { BARS, cell, fit } from './timeline-text.ts'

/** What a picture is made of. */
export interface WatchPicture {
  readonly rows: readonly Row[]
  /** Newest last. */
  readonly events: readonly WatchEvent[]
  readonly atMs: number
  readonly intervalMs: number
  /** Where the metrics are served, if they are. */
  readonly serving: string | undefined
}

type Colour = (text: string) => string
/** A piece of a line: what it says, and its colour. */
type Piece = readonly [text: string, colour?: Colour]

const LABEL = 22
const TAIL = 24
/** Lines of events at the bottom, where there is room. */
const EVENTS = 4

/** A picture of all that is watched, in exactly this size or less. Every state has a word or a sign besides its colour. */
export function watchScreen(picture: WatchPicture, size: { columns: number; rows: number }, paint: Painter): string[] {
  const draw = new Drawing(Math.max(20, size.columns), paint)
  const head = [draw.line(heading(picture, paint)), '']
  const blocks = picture.rows.map(row => draw.block(row))
  const needed = blocks.reduce((sum, block) => sum + block.length + 1, 0)
  const room = Math.max(1, size.rows - head.length)
  const events = picture.events.slice(-EVENTS).map(event => draw.event(event))
  const body =
    needed <= room
      ? blocks.flatMap(block => [...block, ''])
      : draw.table(picture.rows, room - (events.length > 0 && room > 12 ? events.length + 1 : 0))
  const left = size.rows - head.length - body.length
  const shown = left >= 2 ? events.slice(-left) : []
  return [...head, ...body, ...shown].slice(0, size.rows)
}

function heading({ rows, atMs, intervalMs, serving }: WatchPicture, paint: Painter): Piece[] {
  const seen = rows.flatMap(({ status }) => (status ? [status] : []))
  const count = (is: (status: CollectorStatus) => boolean) => seen.filter(is).length
  const failed = count(status => worstLevel(status) === -1)
  const over = count(status => worstLevel(status) > 0)
  const unread = count(({ problem }) => problem !== undefined)
  return [
    ['failoverctl watch', paint.bold],
    [`  ${timeOfDay(atMs)}  `, paint.dim],
    [formatMany(rows.length, 'collector')],
    ...(failed > 0 ? [[`  ${failed} ALL FAILED`, paint.red] as Piece] : []),
    ...(over > 0 ? [[`  ${over} FAILED OVER`, paint.yellow] as Piece] : []),
    ...(unread > 0 ? [[`  ${unread} NOT READ`, paint.red] as Piece] : []),
    ...(failed + over + unread === 0 && seen.length > 0
      ? [[seen.every(status => worstLevel(status) === 0) ? '  all at level 0' : '', paint.green] as Piece]
      : []),
    ['  q ends', paint.dim],
    [`  every ${formatDuration(intervalMs)}`, paint.dim],
    ...(serving === undefined ? [] : [[`  serves ${serving}`, paint.dim] as Piece]),
  ]
}

const timeOfDay = (epochMs: number): string => timestamp(epochMs).slice(11, 19)

/** -1 is worse than any level; NaN stands for none that is known. */
const worstLevel = ({ connectors }: CollectorStatus): number =>
  connectors.reduce((worst, { level }) => {
    if (level === undefined || worst === -1) return worst
    return level === -1 || Number.isNaN(worst) ? level : Math.max(worst, level)
  }, Number.NaN)

/** Smaller is worse. */
function rank({ status }: Row): number {
  if (!status) return 4
  if (status.problem) return 0
  const worst = worstLevel(status)
  if (worst === -1) return 1
  if (worst > 0) return 2
  return isQuiet(status) ? 5 : 3
}

class Drawing {
  #columns: number
  #paint: Painter
  #label: number
  #width: number

  constructor(columns: number, paint: Painter) {
    this.#columns = columns
    this.#paint = paint
    this.#label = Math.min(LABEL, Math.floor(columns / 3))
    const tail = columns >= 60 ? TAIL : Math.floor(columns / 4)
    this.#width = Math.max(4, Math.min(120, columns - this.#label - tail - 4))
  }

  /** Cut at the edge of the screen: a line that wraps would push all others down. */
  line(pieces: readonly Piece[]): string {
    let left = this.#columns
    return pieces
      .map(([text, colour = same]) => {
        const shown = left <= 0 ? '' : text.length > left ? `${text.slice(0, left - 1)}…` : text
        left -= shown.length
        return shown === '' ? '' : colour(shown)
      })
      .join('')
  }

  event({ at, collector, gravity, text }: WatchEvent): string {
    const paint = this.#paint
    const colour = gravity === 2 ? paint.red : gravity === 1 ? paint.yellow : paint.green
    return this.line([[timeOfDay(at), paint.dim], [` ${collector} `], [text, colour]])
  }

  /** One collector with all its connectors. */
  block({ name, status, history }: Row): string[] {
    const paint = this.#paint
    if (!status)
      return [
        this.line([
          [name, paint.bold],
          ['  no answer yet', paint.dim],
        ]),
      ]
    if (status.problem) {
      return [
        this.line([[name, paint.bold], ['  NOT READ ', paint.red], [status.problem.message]]),
        this.line([[`  ${status.problem.hint}`, paint.dim]]),
      ]
    }
    const { received, connectors } = status
    const refused = history.refused.last(this.#width)
    const isRefusing = refused.some(value => value > 0)
    return [
      this.line([[name, paint.bold], ...about(status, paint)]),
      ...connectors.flatMap(connector => this.#connector(connector, history)),
      ...(connectors.length === 0 ? [this.line([['  no failover connector is seen in its metrics', paint.dim]])] : []),
      this.#row(
        '  received',
        sparkline(history.received.last(this.#width)),
        [[perSecond(received.accepted.perSecond)]],
        paint.cyan,
      ),
      ...(isRefusing
        ? [this.#row('  REFUSED', sparkline(refused), [[perSecond(received.refused.perSecond), paint.red]], paint.red)]
        : []),
    ]
  }

  #row(label: string, drawing: string, tail: readonly Piece[], colour: Colour = same): string {
    return this.line([[fit(label, this.#label)], [' '], [drawing, colour], ['  '], ...tail])
  }

  #connector(connector: ConnectorStatus, history: History): string[] {
    const { id, level, changedMs, levels, queue, evidence } = connector
    const paint = this.#paint
    const colour = levelColour(level, paint)
    const since = changedMs === undefined ? '' : `  since ${formatDuration(changedMs)}`
    const over = level !== undefined && level > 0 ? ', failed over' : ''
    const at = history.level(id).last(this.#width)
    const deepest = Math.max(0, levels.length - 1, ...at.filter(value => !Number.isNaN(value)))
    const lines = [...Array.from({ length: deepest + 1 }, (_, index) => index), ...(at.includes(-1) ? [-1] : [])]
    const fill = history.queue(id).last(this.#width)
    return [
      this.line([['  '], [id], ['  '], [levelWords(level) + over, colour], [since], [`  ${evidence}`, paint.dim]]),
      ...lines.map((own, index) => {
        const exporters = levels[own]?.exporters ?? []
        const name = own < 0 ? 'all failed' : `${own} ${exporters.map(exporter => exporter.id).join(' ') || `level ${own}`}`
        const mark = own === level ? '→' : ' '
        const steps = at.map((now, column) => step(lines, index, at[column - 1] ?? Number.NaN, now)).join('')
        return this.#row(
          `${mark} ${name}`,
          steps,
          exporters.flatMap((exporter, nth) => exporterPieces(exporter, nth, paint)),
          levelColour(own, paint),
        )
      }),
      ...(fill.some(share => share > 0) && queue?.capacity
        ? [
            this.#row(
              '  its queue',
              sparkline(fill, 1),
              [[`${Math.round((100 * queue.size) / queue.capacity)}% of ${formatCount(queue.capacity)}`]],
              paint.blue,
            ),
          ]
        : []),
    ]
  }

  /** A line for each, the worst first, as many as there is room for. */
  table(rows: readonly Row[], room: number): string[] {
    const sorted = [...rows].sort((a, b) => rank(a) - rank(b))
    const fits = sorted.length <= room ? sorted : sorted.slice(0, Math.max(0, room - 1))
    const rest = sorted.slice(fits.length)
    const lines = fits.map(row => this.#short(row))
    if (rest.length === 0) return lines
    const quiet = rest.filter(row => rank(row) === 5).length
    const words = quiet === rest.length ? 'at level 0, and nothing fails' : `${quiet} of them at level 0 with nothing failing`
    return [...lines, this.line([[`… ${formatCount(rest.length)} more, ${words}`, this.#paint.dim]])]
  }

  /** The level of the worst connector as digits, look by look: they read without colour. */
  #short({ name, status, history }: Row): string {
    const paint = this.#paint
    if (!status) return this.line([[fit(name, this.#label)], [' no answer yet', paint.dim]])
    if (status.problem) return this.line([[fit(name, this.#label)], [' NOT READ ', paint.red], [status.problem.message]])
    const worst = worstConnector(status.connectors)
    const colour = levelColour(worst?.level, paint)
    const digits = worst ? history.level(worst.id).last(this.#width).map(digit).join('') : ' '.repeat(this.#width)
    const since = worst?.changedMs === undefined ? '' : ` ${formatDuration(worst.changedMs)}`
    const tail: Piece[] = [
      [worst ? levelWords(worst.level) : 'no connector', colour],
      [since],
      [`  ${perSecond(status.received.accepted.perSecond)}`, paint.dim],
    ]
    return this.line([[fit(name, this.#label)], [' '], [digits, colour], ['  '], ...tail])
  }
}

const same: Colour = text => text

function about(status: CollectorStatus, paint: Painter): Piece[] {
  const { version, uptimeS, health, restarted, clockAheadMs } = status
  const clock = clockWords(clockAheadMs)
  return [
    ...(version === undefined ? [] : [[`  ${version}`, paint.dim] as Piece]),
    ...(uptimeS === undefined ? [] : [[`  up ${formatDuration(Math.floor(uptimeS) * 1000)}`, paint.dim] as Piece]),
    ...(restarted ? [['  JUST RESTARTED', paint.yellow] as Piece] : []),
    ...(health === 'ok' ? [['  health ok', paint.green] as Piece] : []),
    ...(health === 'not-ok' ? [['  HEALTH CHECK SAYS NO', paint.red] as Piece] : []),
    ...(health === 'no-answer' ? [['  HEALTH CHECK SILENT', paint.red] as Piece] : []),
    ...(clock === '' ? [] : [[`  ${clock}`, paint.yellow] as Piece]),
  ]
}

function exporterPieces({ sent, failed, queue }: ExporterStatus, nth: number, paint: Painter): Piece[] {
  const fails = (failed.grown ?? 0) > 0
  return [
    [`${nth > 0 ? '  ' : ''}${perSecond(sent.perSecond)}`],
    ...(fails ? [[` ${rateWords(failed.perSecond ?? 0)}/s FAIL`, paint.red] as Piece] : []),
    ...(queue?.capacity && queue.size > 0
      ? [[` queue ${Math.round((100 * queue.size) / queue.capacity)}%`, paint.yellow] as Piece]
      : []),
  ]
}

const perSecond = (rate: number | undefined): string => (rate === undefined ? '' : `${rateWords(rate)}/s`)

/** What stands in one column of one level's line: the line itself, or where it goes up or down. */
function step(lines: readonly number[], row: number, before: number, now: number): string {
  if (Number.isNaN(now)) return row === 0 ? '·' : ' '
  const to = lines.indexOf(now)
  return cell(row, Number.isNaN(before) ? to : lines.indexOf(before), to)
}

function sparkline(values: readonly number[], top = Math.max(...values.filter(value => !Number.isNaN(value)), 0)): string {
  return values
    .map(value => {
      if (Number.isNaN(value)) return '·'
      return value > 0 && top > 0 ? BARS[Math.max(1, Math.round((8 * Math.min(value, top)) / top))] : ' '
    })
    .join('')
}

const digit = (level: number): string => (Number.isNaN(level) ? '·' : level < 0 ? '!' : level > 9 ? '+' : String(level))

const worstConnector = (connectors: readonly ConnectorStatus[]): ConnectorStatus | undefined =>
  connectors.find(({ level }) => level === -1) ??
  connectors.reduce<ConnectorStatus | undefined>(
    (worst, one) => ((one.level ?? -0.5) > (worst?.level ?? -0.6) ? one : worst),
    undefined,
  )
