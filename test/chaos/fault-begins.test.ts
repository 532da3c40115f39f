import { expect, test } from 'vitest'
import { Faults } from '../../src/chaos/faults.ts'
import type { Target } from '../../src/chaos/target.ts'
import { UndoLog } from '../../src/chaos/undo-log.ts'
import { sleep } from '../../src/core/clock.ts'
import { fakeHost } from '../fake-host.ts'

test('a fault begins when it is told to happen: looking before, and ending after, take their own time', async () => {
  const host = fakeHost()
  const times: number[] = []
  const subject = {
    name: 'primary',
    can: new Set(['stop']),
    async prepare() {
      await sleep(host.clock, 700)
      return {
        async inject() {
          times.push(host.clock.now())
          await sleep(host.clock, 300)
        },
        async undo() {},
      }
    },
  }
  const log = new UndoLog('ab', { pid: 1, started: 'boot' }, host)
  const now = () => host.clock.now() / 1000
  const faults = new Faults({ backends: [subject] } as unknown as Target, log, host.clock, 60_000, now, () => {})
  const startedAt = host.clock.now()
  const making = faults.make({ kind: 'stop', on: 'primary' })
  await host.clock.advance(2000)
  expect(await making).toBe(startedAt + 700)
  expect(times).toEqual([startedAt + 700])
  expect(faults.windows[0]?.at_s).toBe((startedAt + 700) / 1000)
  await faults.endAll(() => {})
})
