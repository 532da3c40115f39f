import { expect, test } from 'vitest'
import { formatBytes, formatCount, formatMany } from '../../src/core/sizes.ts'
import { timestamp } from '../../src/core/timestamp.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1449, '1.4 kB'],
  [99_949, '99.9 kB'],
  [99_950, '100 kB'],
  [999_499, '999 kB'],
  [999_500, '1 MB'],
  [1_234_567_890, '1.2 GB'],
  [20e12, '20 TB'],
])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [1234567.4, '1,234,567'],
])('%d is %s', (count, text) => expect(formatCount(count)).toBe(text))

test('one has no s', () =>
  expect([0, 1, 2000].map(count => formatMany(count, 'line'))).toEqual(['0 lines', '1 line', '2,000 lines']))

test.each([
  [0, '1970-01-01T00:00:00Z'],
  [951_782_399_999, '2000-02-28T23:59:59Z'],
  [951_782_400_000, '2000-02-29T00:00:00Z'],
  [1_795_230_000_000, '2026-11-21T03:00:00Z'],
  [-1000, '1969-12-31T23:59:59Z'],
])('%d is %s', (ms, text) => {
  expect(timestamp(ms)).toBe(text)
  expect(text).toBe(`${new Date(ms).toISOString().slice(0, 19)}Z`)
})
