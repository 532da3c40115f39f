import { describe, expect, test } from 'vitest'
import { readGraph } from '../../src/collector/read-graph.ts'
import { ansiPainter, plainPainter } from '../../src/core/paint.ts'
import { watchScreen } from '../../src/formats/watch-screen.ts'
import { readFigures } from '../../src/metrics/figures.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import type { MapValue } from '../../src/source/value.ts'
import { eventsBetween, type WatchEvent } from '../../src/watch/events.ts'
import { History } from '../../src/watch/history.ts'
import type { Look } from '../../src/watch/look.ts'
import type { CollectorStatus } from '../../src/watch/status.ts'
import { Tracker } from '../../src/watch/tracker.ts'
import { parseWatched } from '../../src/watch/watched.ts'
import type { Row } from '../../src/watch/watching.ts'
import { CONFIG, metricsOf } from '../watch/answers.ts'

const figuresIn = (text: string) => readFigures(new TextEncoder().encode(text))

const graph = readGraph(readYaml('a.yaml', CONFIG) as MapValue)
const NOT_THERE = { kind: 'unreachable', message: 'http://c:1/metrics: connection refused', hint: 'Is it up?' } as const

/** A collector after looks that were a second apart; an undefined one met nobody. */
function after(name: string, looks: readonly (string | undefined)[], health: Look['health'] = 'ok') {
  const tracker = new Tracker(parseWatched(`h:1,name=${name}`), graph)
  const history = new History()
  const events: WatchEvent[] = []
  let status: CollectorStatus | undefined
  for (const [index, text] of looks.entries()) {
    const figures = text === undefined ? undefined : figuresIn(metricsOf(text))
    const now = tracker.take({ at: index * 1000, figures, problem: figures ? undefined : NOT_THERE, health, clockAheadMs: 0 })
    events.push(...eventsBetween(status, now, index * 1000))
    status = now
    history.push(status)
  }
  return { row: { name, status, history } satisfies Row, events }
}
const over = () => after('main', ['normal-level0', 'normal-level0', 'normal-level1', 'normal-level1', 'normal-alldown'])

const screen = (
  rows: readonly Row[],
  size: { columns: number; rows: number },
  events: readonly WatchEvent[] = [],
  paint = plainPainter,
) => watchScreen({ rows, events, atMs: 50_000_000, intervalMs: 1000, serving: undefined }, size, paint)

test('a failover as a step line, with what each level does, in 80 columns', () => {
  const { row, events } = over()
  expect(screen([row], { columns: 80, rows: 24 }, events)).toEqual([
    'failoverctl watch  13:53:20  1 collector  1 ALL FAILED  q ends  every 1s',
    '',
    'main  0.161.0  up 4s  health ok',
    '  failover  ALL LEVELS FAILED  since 0s  otelcol_connector_failover_active_level',
    '  0 otlp/primary       ·························━━┓    0/s',
    '  1 otlp/secondary                                ┗━┓  0/s 1/s FAIL',
    '→ all failed                                        ┗  ',
    '  received             ·························· █ █  5/s',
    '',
    '00:00:00 main failover: level 0 (otelcol_connector_failover_active_level)',
    '00:00:02 main failover: level 0 → level 1 (otelcol_connector_failover_active_le…',
    '00:00:04 main failover: level 1 → ALL LEVELS FAILED (otelcol_connector_failover…',
  ])
})

describe('it fits', () => {
  const many = Array.from({ length: 200 }, (_, index) =>
    after(
      `collector-${index}`,
      index === 150 ? ['normal-level0', 'normal-level1'] : index === 99 ? [undefined] : ['normal-level0', 'normal-level0'],
    ),
  )
  const rows = many.map(({ row }) => row)
  test.each([
    [80, 24],
    [80, 3],
    [80, 1],
    [40, 10],
    [20, 5],
    [300, 500],
    [120, 50],
  ])('%i columns, %i rows', (columns, height) => {
    for (const shown of [rows, rows.slice(0, 1), []]) {
      const lines = screen(shown, { columns, rows: height }, over().events)
      expect(lines.length).toBeLessThanOrEqual(height)
      expect(lines.filter(line => line.length > columns)).toEqual([])
    }
  })
  test('the worst stand first, the rest are counted', () => {
    const lines = screen(rows, { columns: 80, rows: 8 })
    expect(lines[0]).toContain('200 collectors  1 FAILED OVER  1 NOT READ')
    expect(lines[2]).toMatch(/^collector-99 +NOT READ http:\/\/c:1\/metrics: connection refused/)
    expect(lines[3]).toMatch(/^collector-150 +·+01 {2}LEVEL 1 0s/)
    expect(lines.at(-1)).toBe('… 195 more, at level 0, and nothing fails')
  })
})

test('colours add nothing that the words do not say', () => {
  const { row, events } = over()
  const coloured = screen([row], { columns: 80, rows: 24 }, events, ansiPainter)
  const esc = String.fromCharCode(27)
  expect(coloured.map(line => line.replaceAll(new RegExp(`${esc}\\[\\d+m`, 'g'), ''))).toEqual(
    screen([row], { columns: 80, rows: 24 }, events),
  )
  expect(coloured.join('')).toContain(`${esc}[31m`)
})

test.each([
  [[undefined], /NOT READ .*connection refused\n {2}Is it up\?/],
  [['normal-level0', undefined], /NOT READ/],
  [['normal-alldown', 'normal-level0'], /JUST RESTARTED/],
])('%j', (looks, says) => {
  expect(screen([after('main', looks).row], { columns: 80, rows: 24 }).join('\n')).toMatch(says)
})

test('a health check that says no is seen', () => {
  expect(screen([after('main', ['normal-level0'], 'not-ok').row], { columns: 80, rows: 24 }).join('\n')).toContain(
    'HEALTH CHECK SAYS NO',
  )
})
