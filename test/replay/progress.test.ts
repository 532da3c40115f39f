import { expect, test } from 'vitest'
import { plainPainter } from '../../src/core/paint.ts'
import { replayBars, replayLine } from '../../src/formats/replay-progress.ts'
import { Progress } from '../../src/replay/progress.ts'
import type { ReplayEvent } from '../../src/replay/seams.ts'

const THROTTLE = { limit: 4, baselineMs: 8, paused: false, restMs: 0 }
const answer = (items: number, latencyMs = 10): ReplayEvent => ({
  kind: 'answer',
  endpoint: 'http://b',
  signal: 'traces',
  verdict: { kind: 'accepted', rejected: 0 },
  latencyMs,
  bytes: 3000,
  lines: items / 10,
  items,
})

/** Two files of 1000 bytes each, of which the first was half settled before; 100 bytes a second. */
function halfway() {
  const progress = new Progress(0)
  progress.hear(
    {
      kind: 'started',
      files: [
        { path: 'b/one', bytes: 1000, done: 500 },
        { path: 'b/two', bytes: 1000, done: 0 },
      ],
    },
    0,
  )
  progress.hear({ kind: 'file', path: 'b/one', bytes: 1000 }, 0)
  for (let second = 1; second <= 4; second++) {
    progress.hear({ kind: 'read', path: 'b/one', at: 500 + 100 * second, lines: second, items: 10 * second }, second * 1000)
    progress.hear(answer(50), second * 1000)
  }
  return progress
}

test('what an earlier run did counts as done, and not as speed', () => {
  const { bytes, bytesPerSecond, itemsPerSecond, leftMs, open } = halfway().at(4000)
  expect(bytes).toEqual({ total: 2000, done: 900 })
  expect(bytesPerSecond).toBe(3000)
  expect(itemsPerSecond).toBe(50)
  expect(leftMs).toBe(11_000)
  expect(open).toEqual([{ path: 'b/one', bytes: 1000, at: 900 }])
})

test('a finished file is done whole, and at the end nothing is left', () => {
  const progress = halfway()
  progress.hear({ kind: 'finished', path: 'b/one', to: 'b/processed/one' }, 5000)
  progress.hear({ kind: 'file', path: 'b/two', bytes: 1000 }, 5000)
  progress.hear({ kind: 'finished', path: 'b/two', to: undefined }, 6000)
  expect(progress.at(6000)).toMatchObject({
    bytes: { total: 2000, done: 2000 },
    files: { found: 2, finished: 2 },
    open: [],
    leftMs: 0,
  })
})

test('rates are those of the last seconds: a run that stands still has none, and no time left', () => {
  const progress = halfway()
  for (let now = 4000; now < 30_000; now += 500) progress.at(now)
  expect(progress.at(30_000)).toMatchObject({ bytesPerSecond: 0, itemsPerSecond: 0, leftMs: undefined })
})

test('a pause, a breaker, dead letters and retries are shown', () => {
  const progress = halfway()
  progress.hear({ kind: 'paused', reason: 'SIGUSR1' }, 4000)
  progress.hear({ kind: 'breaker', endpoint: 'http://b', state: 'open' }, 4000)
  progress.hear({ kind: 'dead-letter', path: 'b/one', offset: 1, length: 2, reason: 'x' }, 4000)
  progress.hear({ ...answer(1), verdict: { kind: 'unknown', reason: 'x', timedOut: true } } as ReplayEvent, 4000)
  const line = replayLine(progress.at(4000), { ...THROTTLE, limit: 0.25, restMs: 1500 }, plainPainter)
  expect(line).toBe(
    '4s: 45% of 2 kB; 200 items acknowledged, 50/s, 3 kB/s, 1 dead letter; backend answers in 10ms (8ms at low load), ' +
      '1 at once, 25% of the time, 1 retry, breaker of http://b open, asked to wait 1.5s, paused; time left unknown\n',
  )
})

test('bars: one a file, one for all, and how it goes', () => {
  expect(replayBars(halfway().at(4000), THROTTLE, plainPainter)).toEqual([
    { label: 'one', share: 0.9, text: '90%  1 kB' },
    { label: 'all 2 files', share: 0.45, text: '45%  900 B of 2 kB  11s left' },
    { label: '', share: undefined, text: '200 items acknowledged, 50/s, 3 kB/s' },
    { label: '', share: undefined, text: 'backend answers in 10ms (8ms at low load), 4 at once' },
  ])
})

test('a packed file of which more comes out than it is large has no share', () => {
  const progress = halfway()
  progress.hear({ kind: 'read', path: 'b/one', at: 5000, lines: 9, items: 90 }, 4000)
  expect(replayBars(progress.at(4000), THROTTLE, plainPainter)[0]).toEqual({
    label: 'one',
    share: undefined,
    text: '1 kB packed',
  })
})

test('a name cannot move the cursor', () => {
  const progress = new Progress(0)
  progress.hear({ kind: 'started', files: [{ path: 'b/a\u001b[2J\n', bytes: 10, done: 0 }] }, 0)
  progress.hear({ kind: 'file', path: 'b/a\u001b[2J\n', bytes: 10 }, 0)
  expect(replayBars(progress.at(0), THROTTLE, plainPainter)[0]?.label).toBe('"a\\u001b[2J\\n"')
})
