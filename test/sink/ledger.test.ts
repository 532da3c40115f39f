import { expect, test } from 'vitest'
import { VirtualClock } from '../../src/core/clock.ts'
import { Ledger } from '../../src/sink/ledger.ts'
import { RUN, tracesOf } from './requests.ts'

test('requests that come at one instant are each counted', async () => {
  const ledger = new Ledger({ clock: new VirtualClock(), counts: true })
  const send = (from: number) =>
    ledger.take({ signal: 'traces', encoding: 'json', body: tracesOf(from, 10), abandoned: () => false })
  await Promise.all([send(1), send(11), send(21)])
  const { seen, repeated } = ledger.tally.of(RUN).traces
  expect([[...seen.ranges()], repeated]).toEqual([[[1, 30]], 0])
})
