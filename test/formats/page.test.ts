import fc from 'fast-check'
import { expect, test } from 'vitest'
import { html } from '../../src/formats/page/html.ts'
import { reportPage } from '../../src/formats/page/page.ts'
import { area, curve, roundUp, timeTicks } from '../../src/formats/page/scale.ts'
import { TEN_MINUTES } from './page-content.ts'

test.each([
  [0.5, [0, 0.1, 0.2, 0.3, 0.4, 0.5]],
  [12, [0, 2, 4, 6, 8, 10, 12]],
  [600, [0, 120, 240, 360, 480, 600]],
  [86_400, [0, 21_600, 43_200, 64_800, 86_400]],
])('instants on an axis of %d s', (total, ticks) => {
  expect(timeTicks(total)).toEqual(ticks)
})

test('an axis of any length has at least one instant, few in all, the first at 0', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.05, max: 1e8, noNaN: true }), total => {
      const ticks = timeTicks(total)
      expect(ticks[0]).toBe(0)
      expect(ticks.length).toBeLessThanOrEqual(8)
      expect(ticks.at(-1)).toBeLessThanOrEqual(total + 0.01)
    }),
  )
})

test.each([
  [0, 1],
  [1, 1],
  [3, 5],
  [500, 500],
  [501, 1000],
  [0.03, 0.05],
])('the axis for %d ends at %d', (value, end) => expect(roundUp(value)).toBeCloseTo(end, 10))

test('a curve is a step per bucket, and an area comes back to its axis', () => {
  expect(curve([0, 10, 5], 10)).toBe('M0 1000H333.33V0H666.67V500H1000')
  expect(area([0, 10], 10)).toBe('M0 1000L0 1000H500V0H1000V1000Z')
})

test('whatever a value holds, it is text', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      const { text: shown } = html`<p title="${text}">${text}</p>`
      expect(
        shown
          .replace(/^<p title="/, '')
          .replace(/<\/p>$/, '')
          .replace('">', ''),
      ).not.toMatch(/[<>"']/)
    }),
  )
  expect(html`${['a', undefined, html`<b>${'<'}</b>`, 1]}`.text).toBe('a<b>&lt;</b>1')
})

test('the page holds what was found, once, and nothing that a config could have put in as markup', () => {
  const page = reportPage('a & b', [TEN_MINUTES], '1.2.3')
  expect(page).toContain('<title>a &amp; b</title>')
  expect(page).toContain('1,250 spans')
  expect(page).toContain('failoverctl explain queue-hides-errors')
  expect(page).not.toContain('<script>alert')
  expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/)
})
