import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { barsOn, layOut } from '../../src/adapters/bars.ts'
import type { Bar } from '../../src/core/host.ts'

const BARS: readonly Bar[] = [
  { label: 'traces-2026-11-21T03-12-32.726-size.jsonl', share: 0.5, text: '50%  104 MB' },
  { label: 'all 3 files', share: 0.25, text: '25%  156 MB of 624 MB  1m20s left' },
  {
    label: '',
    share: undefined,
    text: `245,000 items acknowledged, 82,000/s, \u001b[33m3 dead letters\u001b[39m${'x'.repeat(100)}`,
  },
]

const width = (row: ReturnType<typeof layOut>[number]) =>
  row.label.length + row.width + (row.width > 0 ? 2 : 0) + stripVTControlCharacters(row.text).length

describe.each([20, 40, 79, 119, 200])('in %i columns', columns => {
  const rows = layOut(BARS, columns)

  test('nothing is wider than the screen', () => {
    for (const row of rows) expect(width(row)).toBeLessThanOrEqual(columns)
  })

  test('labels stand below each other, and bars are equally wide', () => {
    expect(rows[0]?.label.length).toBe(rows[1]?.label.length)
    expect(rows[0]?.width).toBe(rows[1]?.width)
    expect(rows[2]).toMatchObject({ label: '', width: 0 })
  })
})

test('a bar has room on a usual screen, and a long name keeps both of its ends', () => {
  const [first] = layOut(BARS, 79)
  expect(first?.width).toBeGreaterThanOrEqual(10)
  expect(first?.label).toMatch(/^traces-.*….*\.jsonl +$/)
})

/** A terminal that keeps what it is sent. */
function screen() {
  const sent: string[] = []
  const stream = { isTTY: true, columns: 80, rows: 24, write: (text: string) => sent.push(text) } as unknown as NodeJS.WriteStream
  return { stream, text: () => sent.join('') }
}

const until = async (done: () => boolean) => {
  for (let turn = 0; turn < 200 && !done(); turn++) await new Promise(resolve => setTimeout(resolve, 10))
}

test('bars are drawn, text goes above them, and the end takes them away and shows the cursor again', async () => {
  const { stream, text } = screen()
  const bars = barsOn(stream)
  expect(bars.above('early\n')).toBe(false)
  bars.show(BARS)
  await until(() => text().includes('25%'))
  expect(text()).toMatch(/█+░+ {2}50%/)
  expect(bars.above('a note\n')).toBe(true)
  expect(text()).toContain('a note\n')
  bars.show([])
  expect(text().lastIndexOf('\u001b[?25h')).toBeGreaterThan(text().lastIndexOf('\u001b[?25l'))
  expect(bars.above('late\n')).toBe(false)
})

test('when one more bar comes, none of the old lines stays', async () => {
  const { stream, text } = screen()
  const bars = barsOn(stream)
  bars.show(BARS.slice(1))
  await until(() => text().includes('25%'))
  const before = text().length
  bars.show(BARS)
  const after = text().slice(before)
  // Up to the first line, everything below it gone, and drawn anew.
  expect(after.indexOf('\u001b[1A')).toBeGreaterThanOrEqual(0)
  expect(after.indexOf('\u001b[0J')).toBeGreaterThan(after.indexOf('\u001b[1A'))
  expect(after.indexOf('50%')).toBeGreaterThan(after.indexOf('\u001b[0J'))
  bars.show([])
})

test('bars that are taken away before they were loaded are never drawn', async () => {
  const { stream, text } = screen()
  const bars = barsOn(stream)
  bars.show(BARS)
  bars.show([])
  await new Promise(resolve => setTimeout(resolve, 100))
  expect(text()).toBe('')
})
