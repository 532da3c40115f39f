import { describe, expect, test } from 'vitest'
import { refuseUnfinished } from '../../src/deploy/journal.ts'
import { NO_PORTS } from '../../src/deploy/probe.ts'
import { hashOf } from '../../src/deploy/record.ts'
import { recover } from '../../src/deploy/recover.ts'
import { deploy } from '../../src/deploy/run.ts'
import { type FakeHost, fakeHost } from '../fake-host.ts'
import { FakeTarget, Killed, lost, World } from './fake-target.ts'

const SETTINGS = { timeoutMs: 60_000, holdMs: 4000, probes: false }
const quiet = () => {}

/** Lets time pass until it is done: what waits, waits by the clock of the host. */
async function awaited<T>(host: FakeHost, task: Promise<T>): Promise<T> {
  let done = false
  const ended = task.finally(() => {
    done = true
  })
  ended.catch(() => {})
  for (let turn = 0; turn < 2000 && !done; turn++) {
    await host.clock.advance(1000)
    await new Promise(resolve => setImmediate(resolve))
  }
  return ended
}

async function deployed(target: FakeTarget, host: FakeHost = fakeHost(), config = 'new') {
  const { backup } = await target.look()
  const change = { id: 'id', config, hash: await hashOf(config), canary: false, wasWell: true, backup }
  const record = await target.store.read()
  return awaited(host, deploy(target, record, { change, ports: NO_PORTS, before: new Map() }, SETTINGS, host, quiet))
}

test('a good change runs, and its history says so and what ran before', async () => {
  const world = new World()
  expect(await deployed(new FakeTarget(world))).toMatchObject({ outcome: 'deployed' })
  expect([world.config, world.running, world.record.attempt]).toEqual(['new', 'new', undefined])
  expect(world.record.history.map(({ end, config }) => [end, config])).toEqual([
    ['deployed', 'new'],
    ['found', 'old'],
  ])
  await deployed(new FakeTarget(world), fakeHost(), 'newer')
  expect(world.record.history.map(({ config }) => config)).toEqual(['newer', 'new', 'old'])
})

test('one that does not settle is rolled back, proved, and remembered with its reason', async () => {
  const world = new World()
  const target = new FakeTarget(world)
  target.stuck = 'pod 1 does not start'
  expect(await deployed(target)).toMatchObject({ outcome: 'rolled back', differences: [], reason: 'pod 1 does not start' })
  expect([world.config, world.running]).toEqual(['old', 'old'])
  expect(world.record.history[0]).toMatchObject({ end: 'rolled back', reason: 'pod 1 does not start' })
})

test('the backup is durable before the first step is made', async () => {
  const world = new World()
  const target = new FakeTarget(world)
  const seen: unknown[] = []
  target.before = operation => {
    if (operation === 'write') seen.push(world.record.attempt?.backup.config, world.record.attempt?.phase)
  }
  await deployed(target)
  expect(seen).toEqual(['old', 'write'])
})

describe('a lost connection', () => {
  test.each(['write', 'write, answered', 'restart', 'restart, answered', 'settle', 'inspect'])(
    'at %s rolls back',
    async where => {
      const world = new World()
      const target = new FakeTarget(world)
      let once = true
      target.before = operation => {
        if (operation === where && once) {
          once = false
          throw lost()
        }
      }
      expect(await deployed(target)).toMatchObject({ outcome: 'rolled back', differences: [] })
      expect([world.config, world.running, world.record.attempt]).toEqual(['old', 'old', undefined])
    },
  )

  test('that comes back in time does not hurt the way back', async () => {
    const world = new World()
    const target = new FakeTarget(world)
    target.stuck = 'stuck'
    let failures = 0
    target.before = operation => {
      if (operation === 'restore' && ++failures < 5) throw lost()
    }
    expect(await deployed(target)).toMatchObject({ outcome: 'rolled back', differences: [] })
  })

  test('that stays leaves a record, which ends when somebody recovers', async () => {
    const world = new World()
    const target = new FakeTarget(world)
    target.before = operation => {
      if (operation === 'settle' || operation === 'restore') throw lost()
    }
    expect(await deployed(target)).toMatchObject({ outcome: 'unfinished' })
    expect(world.running).toBe('new')
    const host = fakeHost()
    expect(await awaited(host, recover(new FakeTarget(world), SETTINGS, host, quiet))).toMatchObject({ outcome: 'rolled back' })
    expect([world.config, world.running, world.record.attempt]).toEqual(['old', 'old', undefined])
  })
})

test('killed at whatever point, it leaves the old state, the new one proved, or a record that recovers', async () => {
  const points: string[] = []
  for (let at = 1; at < 40; at++) {
    for (const stuck of [undefined, 'stuck']) {
      const world = new World()
      const target = new FakeTarget(world)
      target.stuck = stuck
      let count = 0
      target.before = operation => {
        if (++count === at) points.push(operation)
        if (count >= at) throw new Killed(operation)
      }
      await deployed(target).catch(error => expect(error).toBeInstanceOf(Killed))
      // The next process has another number.
      const host = fakeHost()
      host.processes.living.set(1, { started: 'later', paused: false, argv: [] })
      const after = new FakeTarget(world)
      await awaited(host, recover(after, SETTINGS, host, quiet))
      expect(world.record.attempt).toBeUndefined()
      expect(world.config).toBe(world.running)
      expect(world.config).toBe(world.record.history[0]?.end === 'deployed' ? 'new' : 'old')
    }
  }
  expect(new Set(points)).toEqual(
    new Set([
      'read record',
      'write record',
      'write',
      'write, answered',
      'restart',
      'restart, answered',
      'settle',
      'inspect',
      'restore',
      'restore halfway',
      'prove',
    ]),
  )
})

test('Ctrl-C rolls back, and a second one does not stop that', async () => {
  const world = new World()
  const target = new FakeTarget(world)
  const host = fakeHost()
  target.before = operation => {
    if (operation === 'settle' || operation === 'restore') host.interrupt()
  }
  expect(await deployed(target, host)).toMatchObject({ outcome: 'rolled back', interrupted: true, differences: [] })
  expect([world.config, world.running]).toEqual(['old', 'old'])
})

test("somebody else's config stays where it is", async () => {
  const world = new World()
  const target = new FakeTarget(world)
  target.before = operation => {
    if (operation === 'inspect') world.config = 'theirs'
  }
  expect(await deployed(target)).toMatchObject({ outcome: 'conflict' })
  expect([world.config, world.record.attempt]).toEqual(['theirs', undefined])
})

test('two who begin at once: one is told that the other was quicker', async () => {
  const world = new World()
  const slow = new FakeTarget(world)
  const { backup } = await slow.look()
  const record = await slow.store.read()
  await deployed(new FakeTarget(world), fakeHost(), 'first')
  const host = fakeHost()
  const change = { id: 'b', config: 'second', hash: await hashOf('second'), canary: false, wasWell: true, backup }
  await expect(deploy(slow, record, { change, ports: NO_PORTS, before: new Map() }, SETTINGS, host, quiet)).rejects.toMatchObject(
    { code: 'locked' },
  )
  expect(world.config).toBe('first')
})

describe('an attempt of another machine', () => {
  const left = async (world: World) => {
    const target = new FakeTarget(world)
    target.before = operation => {
      if (operation === 'settle')
        target.before = () => {
          throw new Killed('gone')
        }
    }
    const host = fakeHost()
    host.processes.machine = 'elsewhere'
    await deployed(target, host).catch(() => {})
    expect(world.record.attempt?.by.host).toBe('elsewhere')
  }

  test('that still counts is left alone', async () => {
    const world = new World()
    await left(world)
    const host = fakeHost()
    host.clock.timer(5000, () => {
      world.record = { ...world.record, attempt: { ...world.record.attempt!, beat: world.record.attempt!.beat + 1 } }
    })
    await expect(awaited(host, recover(new FakeTarget(world), SETTINGS, host, quiet))).rejects.toMatchObject({ code: 'locked' })
  })

  test('that is silent is taken over, whatever its clock said', async () => {
    const world = new World()
    await left(world)
    const host = fakeHost()
    await expect(awaited(host, refuseUnfinished(new FakeTarget(world), world.record, host))).rejects.toMatchObject({
      code: 'left-over',
    })
    expect(await awaited(host, recover(new FakeTarget(world), SETTINGS, host, quiet))).toMatchObject({ outcome: 'rolled back' })
    expect(world.running).toBe('old')
  })
})
