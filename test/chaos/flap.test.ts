import { expect, test } from 'vitest'
import { Faults } from '../../src/chaos/faults.ts'
import type { Subject, Target } from '../../src/chaos/target.ts'
import { pendingUndos, UndoLog } from '../../src/chaos/undo-log.ts'
import { fakeHost } from '../fake-host.ts'

/** A backend that can be stopped, and whose every undo names the process that was stopped. */
function flapping() {
  const host = fakeHost()
  const state = { up: true, stops: 0 }
  const subject: Subject = {
    name: 'primary',
    can: new Set(['stop']),
    async prepare() {
      const turn = state.stops + 1
      return {
        inverse: { do: 'run', commands: [['start-again', String(turn)]], what: 'started' },
        async inject() {
          // On the disk by now, whenever this process should die.
          expect((await commandsLeft(host)).at(-1)).toBe(`start-again ${turn}`)
          state.stops = turn
          state.up = false
        },
        async undo() {
          state.up = true
        },
      }
    },
  }
  const target = { backends: [subject] } as unknown as Target
  const log = new UndoLog('ab', { pid: 1, started: 'boot' }, host)
  const faults = new Faults(
    target,
    log,
    host.clock,
    60_000,
    () => 0,
    () => {},
  )
  return { host, state, faults }
}

const commandsLeft = async (host: ReturnType<typeof fakeHost>) =>
  (await pendingUndos(host)).map(({ inverse }) => (inverse.do === 'run' ? (inverse.commands[0] ?? []).join(' ') : inverse.do))

const FAULT = { kind: 'flap', on: 'primary', downMs: 1000, upMs: 500 } as const

test('each time that it goes down has its undo on the disk before, and none once it is up', async () => {
  const { host, state, faults } = flapping()
  await faults.make(FAULT)
  const seen: string[] = []
  for (let at = 0; at < 4000; at += 500) {
    await host.clock.advance(500)
    seen.push(`${state.up ? 'up' : 'down'} ${(await commandsLeft(host)).join('+')}`)
  }
  expect(seen).toEqual([
    'down start-again 1',
    'up start-again 1',
    'down start-again 1+start-again 2',
    'down start-again 1+start-again 2',
    'up start-again 1',
    'down start-again 1+start-again 3',
    'down start-again 1+start-again 3',
    'up start-again 1',
  ])
  await faults.end(FAULT)
  expect({ up: state.up, left: await commandsLeft(host), waiting: host.clock.pending }).toEqual({
    up: true,
    left: [],
    waiting: 0,
  })
})

test.each([500, 1200, 1900])('ended after %i ms it is up, and nothing is left to undo', async ms => {
  const { host, state, faults } = flapping()
  await faults.make(FAULT)
  await host.clock.advance(ms)
  await faults.endAll(text => expect(text).toBe(''))
  expect({ up: state.up, left: await commandsLeft(host) }).toEqual({ up: true, left: [] })
})
