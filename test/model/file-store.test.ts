import { expect, test } from 'vitest'
import { EMPTY_FILE, type FileSettings, type FileState, reopen, roomIn, write } from '../../src/model/file-store.ts'

const file = (settings: Partial<FileSettings>): FileSettings => ({
  append: false,
  grouped: false,
  rotation: undefined,
  flushMs: 1000,
  ...settings,
})

/** Ten requests of a hundred bytes, one each 100 ms. */
function ten(settings: FileSettings) {
  let state: FileState = EMPTY_FILE
  const deleted: number[] = []
  for (let number = 0; number < 10; number++) {
    const at = number * 100
    const written = write(settings, state, { from: number, to: number }, 100, at)
    state = written.state
    deleted.push(...written.deleted.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index)))
  }
  return { state, deleted }
}

const ROTATION = { maxBytes: 300, maxBackups: 2, maxDays: 0 }

test('without append and rotation the start empties it', () => {
  const { state } = ten(file({}))
  expect(reopen(file({}), state, 5)).toEqual({ state: EMPTY_FILE, deleted: [{ from: 0, to: 9 }] })
})

test('with append only what was not flushed is gone', () => {
  const settings = file({ append: true, flushMs: 300 })
  const { state } = ten(settings)
  expect(reopen(settings, state, 6).deleted).toMatchObject([{ from: 6, to: 9 }])
  expect(reopen(settings, state, 10).deleted).toEqual([])
})

test('rotation deletes the oldest past max_backups, and a restart loses nothing', () => {
  const settings = file({ rotation: ROTATION, flushMs: 0 })
  const { state, deleted } = ten(settings)
  expect(deleted).toEqual([0, 1, 2])
  expect(state.backups).toHaveLength(2)
  expect(roomIn(settings, state)).toBe(200)
  expect(reopen(settings, state, 3).deleted).toEqual([])
})

test('max_backups 0 keeps all, max_days deletes what is older', () => {
  expect(ten(file({ rotation: { ...ROTATION, maxBackups: 0 } })).deleted).toEqual([])
  const DAY = 86_400_000
  const settings = file({ rotation: { ...ROTATION, maxBackups: 0, maxDays: 1 } })
  const { state } = ten(settings)
  const after = write(settings, state, { from: 10, to: 10 }, 300, 2 * DAY)
  expect(after.deleted.map(({ from, to }) => [from, to])).toEqual([
    [0, 2],
    [3, 5],
    [6, 8],
  ])
})
