import { uint32 } from '../uint32.ts'
import { type Check, fromZero, type Read, type Refused, when } from './part.ts'

const ranges = (most: number, ...paths: string[]): Check[] =>
  paths.map(
    path => read =>
      when(
        uint32(read.number(path)) > most || read.number(path) < 0,
        path,
        `\`${path}\` is not from 0 to ${most}`,
        `Write a number from 0 to ${most}.`,
      ),
  )

export const memoryLimiter: readonly Check[] = [
  ...ranges(100, 'limit_percentage', 'spike_limit_percentage'),
  ...['max_gc_interval_when_soft_limited', 'max_gc_interval_when_hard_limited'].map(fromZero),
  read => order(read, 'min_gc_interval_when_hard_limited', 'min_gc_interval_when_soft_limited', false),
  read => order(read, 'min_gc_interval_when_soft_limited', 'max_gc_interval_when_soft_limited', true),
  read => order(read, 'min_gc_interval_when_hard_limited', 'max_gc_interval_when_hard_limited', true),
  read =>
    ofGc(read, 'max_gc_interval_when_hard_limited') > 0
      ? order(read, 'max_gc_interval_when_hard_limited', 'max_gc_interval_when_soft_limited', true)
      : undefined,
]

const GC_DEFAULTS: ReadonlyMap<string, number> = new Map([
  ['min_gc_interval_when_soft_limited', 10_000],
  ['max_gc_interval_when_soft_limited', 30_000],
  ['max_gc_interval_when_hard_limited', 30_000],
])
const ofGc = (read: Read, path: string) => read.ms(path, GC_DEFAULTS.get(path) ?? 0)

function order(read: Read, small: string, large: string, zeroIsOff: boolean): Refused | undefined {
  const [least, most] = [ofGc(read, small), ofGc(read, large)]
  const bad = most < least && !(zeroIsOff && most <= 0)
  return when(bad, read.has(small) ? small : large, `\`${small}\` is longer than \`${large}\``, 'Make it shorter.')
}
