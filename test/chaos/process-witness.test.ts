import { expect, test } from 'vitest'
import { processWitness, sinkSource } from '../../src/chaos/targets/process-witness.ts'
import { parsePrometheus } from '../../src/metrics/prometheus.ts'
import { fakeHost } from '../fake-host.ts'

const RUN = '00000000000000ab'
const sinkSays = (run: string, spans: number) =>
  `failoverctl_sink_requests_total{signal="traces"} 9\nfailoverctl_sink_run_items_total{run="${run}",signal="traces"} ${spans}\n`

/** What the metrics say, time after time. */
function sinkOf(...texts: (string | undefined)[]) {
  const next = async () => {
    const text = texts.shift()
    if (text === undefined) throw new Error('nobody listens')
    return parsePrometheus(text)
  }
  return sinkSource(next, RUN)
}

test('a sink tells how many spans of this run came, and of no other', async () => {
  const source = sinkOf(sinkSays('ff'.repeat(8), 700), sinkSays(RUN, 5))
  await source.begin()
  expect(source.holding).toMatchObject({ counted: 0, off: 0 })
  source.mark(1)
  expect(source.hasArrived).toBe(false)
  await source.look()
  expect(source.hasArrived).toBe(true)
  expect(source.holding).toMatchObject({ counted: 5, off: 0 })
  expect(source.holding.doubt).toBeUndefined()
})

test.each<[what: string, texts: (string | undefined)[], doubt: RegExp]>([
  ['is silent at the end', [sinkSays(RUN, 5), undefined], /gave no metrics of a sink/],
  ['is no sink', ['up 1\n', 'up 1\n'], /gave no metrics of a sink/],
  ['was started again', [sinkSays(RUN, 5), sinkSays(RUN, 2)], /has forgotten what came before/],
])('one that %s is doubted', async (_, texts, doubt) => {
  const source = sinkOf(...texts)
  await source.begin()
  await source.look()
  expect(source.holding.doubt).toMatch(doubt)
})

test('the witness is what the project file names', () => {
  const program = { start: ['x'], pidFile: 'x' }
  const noteOf = (described: object) => processWitness({ ...program, ...described }, RUN, fakeHost()).note
  expect(noteOf({ arrivals: 'a.jsonl' })).toBeUndefined()
  expect(noteOf({ sink: 'http://127.0.0.1:1/metrics' })).toMatch(/counted by its sink/)
  expect(noteOf({ metrics: 'http://127.0.0.1:1/metrics' })).toMatch(/counted by its own metrics/)
})
