import { expect, test } from 'vitest'
import { dismissGuard, guard, readProcess, startGuard } from '../../src/chaos/guard.ts'
import { recover } from '../../src/chaos/recover.ts'
import { lockChaos, markUndone, pendingUndos, UndoLog } from '../../src/chaos/undo-log.ts'
import { main } from '../../src/cli/main.ts'
import { fakeHost } from '../fake-host.ts'

const OFF = { do: 'run', commands: [['iptables', '-D', 'X']], unlessSaid: ['no such rule'], what: 'packets pass again' } as const

/** A tool that has made a fault, and a guard that waits for its end. */
async function guarded() {
  const host = fakeHost()
  host.tools.script('iptables', () => '')
  const tool = host.processes.run(['failoverctl', 'chaos'])
  await new UndoLog('ab', tool, host).before('partition primary', OFF)
  const state = { done: false }
  const working = guard(tool, host).finally(() => {
    state.done = true
  })
  return { host, tool, working, state }
}

test('nothing is touched while the tool lives; once it is gone, the fault is taken back within a second', async () => {
  const { host, tool, working, state } = await guarded()
  await host.clock.advance(60_000)
  expect({ calls: host.tools.calls, done: state.done }).toEqual({ calls: [], done: false })
  host.processes.living.delete(tool.pid)
  await host.clock.advance(1000)
  expect(host.tools.calls).toEqual(['iptables -D X'])
  expect(await pendingUndos(host)).toEqual([])
  await host.clock.advance(2000)
  expect(await working).toMatchObject([{ fault: 'partition primary', result: 'undone' }])
  expect(host.clock.pending).toBe(0)
})

test('a number that was given to another process does not keep the guard waiting', async () => {
  const { host, tool, working } = await guarded()
  host.processes.living.set(tool.pid, { started: 'later', paused: false, argv: ['sshd'] })
  await host.clock.advance(3000)
  expect(await working).toMatchObject([{ result: 'undone' }])
})

test('an undo that fails is tried again', async () => {
  const { host, tool, working } = await guarded()
  let tries = 0
  host.tools.script('iptables', () => (++tries < 4 ? { code: 4, err: 'Another app is holding the xtables lock' } : ''))
  host.processes.living.delete(tool.pid)
  await host.clock.advance(10_000)
  expect(await working).toMatchObject([{ result: 'undone' }])
  expect(tries).toBe(4)
})

test('while somebody else recovers, it waits; what is done by then is not done again', async () => {
  const { host, tool, working, state } = await guarded()
  const unlock = await lockChaos(host)
  host.processes.living.delete(tool.pid)
  await host.clock.advance(10_000)
  expect({ calls: host.tools.calls, done: state.done }).toEqual({ calls: [], done: false })
  await host.disk.remove('.failoverctl/undo.jsonl')
  await unlock()
  await host.clock.advance(3000)
  expect(await working).toEqual([])
  expect(host.tools.calls).toEqual([])
})

test('whoever recovers by hand while the guard is at it waits for it, but not for ever', async () => {
  const host = fakeHost()
  const unlock = await lockChaos(host)
  const waits = recover(host)
  await host.clock.advance(1000)
  await unlock()
  await host.clock.advance(1000)
  expect(await waits).toEqual([])

  await lockChaos(host)
  const waitsInVain = expect(recover(host)).rejects.toMatchObject({ code: 'locked' })
  await host.clock.advance(20_000)
  await waitsInVain
  expect(host.clock.pending).toBe(0)
})

test('killed between the last undo and the end, the tool leaves a log without anything to do: it is cleared', async () => {
  const { host, tool, working } = await guarded()
  const [pending] = await pendingUndos(host)
  await markUndone(host, pending?.id ?? '')
  host.processes.living.delete(tool.pid)
  await host.clock.advance(3000)
  expect(await working).toEqual([])
  expect({ log: host.contents.has('.failoverctl/undo.jsonl'), calls: host.tools.calls }).toEqual({ log: false, calls: [] })
})

test('a signal ends it when nothing is left, and not before', async () => {
  const { host, state, working } = await guarded()
  host.interrupt()
  await host.clock.advance(5000)
  expect(state.done).toBe(false)
  await host.disk.remove('.failoverctl/undo.jsonl')
  await host.clock.advance(1000)
  expect(await working).toEqual([])
})

test('it is started with the number and start time of the tool, and dismissed when nothing is left', async () => {
  const host = fakeHost()
  const started = await startGuard(host)
  expect(host.processes.living.get(started.pid)?.argv).toEqual(['failoverctl', 'chaos', 'guard', '1:boot'])
  const log = new UndoLog('ab', (await host.processes.self()) as never, host)
  const id = await log.before('partition primary', OFF)
  await dismissGuard(started, host)
  expect(host.processes.living.has(started.pid)).toBe(true)
  await log.after(id)
  await dismissGuard(started, host)
  expect(host.processes.living.has(started.pid)).toBe(false)
})

test.each(['', '0:1', 'x', '12', '12:3:4'])('%j is no process to guard: exit 2', async text => {
  expect(() => readProcess(text)).toThrow(/is no process/)
  expect(await main(['chaos', 'guard', text || '-'], fakeHost())).toBe(2)
})

test('it is not in the help: chaos itself starts it', async () => {
  const host = fakeHost()
  await main(['chaos', '--help'], host)
  expect(host.out).toContain('recover')
  expect(host.out).not.toContain('guard <')
})
