import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../src/chaos/events.ts'
import { Programs } from '../../src/chaos/programs.ts'
import { pendingUndos } from '../../src/chaos/undo-log.ts'
import { readExperiment } from '../../src/experiment/read-experiment.ts'
import { fakeHost } from '../fake-host.ts'

const FILE = `
method: []
rollbacks: [{ name: one, run: [back, '1'] }, { name: two, run: [back, '2'] }]
controls:
  - { name: silence, when: before-method, run: [alerts, 'off'] }
  - { name: speak, when: after-method, run: [alerts, 'on'] }
  - { name: logs, when: after-experiment, run: [logs] }
`
async function run(codes: Readonly<Record<string, number>> = {}, reached = true) {
  const host = fakeHost()
  for (const tool of ['back', 'alerts', 'logs']) {
    host.tools.script(tool, words => ({ code: codes[[tool, ...words].join(' ')] ?? 0, err: 'no\n' }))
  }
  const programs = new Programs(readExperiment('x.yaml', FILE), 'run', await host.processes.self(), host)
  const hear = (event: object) => programs.hear({ at_s: 1, ...event } as RunEvent)
  await hear({ kind: 'steady', reached })
  const left = (await pendingUndos(host)).map(({ fault }) => fault)
  if (!programs.abort.aborted) await hear({ kind: 'fault' })
  await hear({ kind: 'draining' })
  const problem = await programs.close().then(
    () => undefined,
    (error: Error) => error.message,
  )
  return { calls: host.tools.calls, left, pending: await pendingUndos(host), problem, programs }
}

test('in order: controls around the method, rollbacks with the last first, on the disk before the first fault', async () => {
  const { calls, left, pending, problem } = await run()
  expect(calls).toEqual(['alerts off', 'alerts on', 'back 2', 'back 1', 'logs'])
  expect({ left, pending, problem }).toEqual({ left: ['rollback one', 'rollback two'], pending: [], problem: undefined })
})

test('nothing is rolled back where the method never began', async () => expect((await run({}, false)).calls).toEqual([]))

describe('what goes wrong', () => {
  test('a control that fails before the method ends the run', async () => {
    const { programs } = await run({ 'alerts off': 3 })
    expect(String(programs.abort.reason)).toBe('before-method: alerts ended with 3')
    expect(programs.checks()[0]).toMatchObject({
      name: 'silence (before-method)',
      result: 'deviated',
      observed: 'alerts ended with 3',
    })
  })

  test('a rollback that fails is told, stays for recover, and does not keep the others from running', async () => {
    const { calls, pending, problem } = await run({ 'back 2': 1, logs: 2 })
    expect(calls.slice(2)).toEqual(['back 2', 'back 1', 'logs'])
    expect(pending.map(({ fault }) => fault)).toEqual(['rollback two'])
    expect(problem).toMatch(/^COULD NOT ROLL BACK two: back ended with 1.*\nlogs \(after-experiment\): logs ended with 2$/)
  })
})
