import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { Faults } from '../../src/chaos/faults.ts'
import { byHand } from '../../src/chaos/inverse.ts'
import { recover } from '../../src/chaos/recover.ts'
import { processTarget } from '../../src/chaos/targets/process.ts'
import { clearUndoLog, pendingUndos, UNDO_LOG, UndoLog } from '../../src/chaos/undo-log.ts'
import { readGraph } from '../../src/collector/read-graph.ts'
import { readConfig } from '../../src/source/read-config.ts'
import { type FakeHost, fakeHost } from '../fake-host.ts'

const { root } = await readConfig(['fixtures/poc/main.yaml'], { read: file => readFile(file), env: {} })
const graph = readGraph(root)
const RUN = '00000000000000ab'

const NAMES = ['primary', 'secondary'] as const
const settings = {
  traffic: 'http://127.0.0.1:4318',
  metrics: 'http://127.0.0.1:8888/metrics',
  backends: Object.fromEntries(
    NAMES.map(name => [name, { start: ['otelcol', name], pidFile: `${name}.pid`, arrivals: `${name}.jsonl` }]),
  ),
}

/** Two backends that run, and a collector that shows its metrics. */
function world(): FakeHost {
  const body = new TextEncoder().encode('otelcol_process_uptime 1\n')
  const host = fakeHost({
    network: {
      request: async () => ({ kind: 'answer', status: 200, headers: {}, body }),
      connect: async () => ({ kind: 'open' }),
    },
  })
  for (const name of NAMES)
    host.contents.set(`${name}.pid`, new TextEncoder().encode(`${host.processes.run(['otelcol', name]).pid}`))
  return host
}

/** Time goes on until it is done. */
async function whileTimeGoesOn<T>({ clock }: FakeHost, task: Promise<T>): Promise<T> {
  let done = false
  const end = () => void (done = true)
  task.then(end, end)
  while (!done) await clock.advance(500)
  return task
}

async function faultsOf(host: FakeHost) {
  const target = await processTarget(settings, graph, RUN, host)
  return {
    target,
    faults: new Faults(
      target,
      new UndoLog(RUN, await host.processes.self(), host),
      host.clock,
      600_000,
      () => 0,
      () => {},
    ),
  }
}

/** Stops one and pauses the other, then takes both back. */
async function experiment(host: FakeHost): Promise<void> {
  const { target, faults } = await faultsOf(host)
  const [stop, pause] = [{ kind: 'stop', on: 'primary' } as const, { kind: 'pause', on: 'secondary' } as const]
  try {
    await faults.make(stop)
    await faults.make(pause)
    await faults.end(pause)
    await faults.end(stop)
    await clearUndoLog(host)
  } finally {
    await target.close()
  }
}

const state = ({ processes }: FakeHost) =>
  [...processes.living.values()]
    .filter(({ argv }) => argv[0] === 'otelcol')
    .map(({ argv, paused }) => `${argv[1]}${paused ? ' paused' : ''}`)
    .sort()

/** The tool is another process now. */
function restart(host: FakeHost): void {
  host.disk.restart()
  host.processes.living.set(1, { started: 'later', paused: false, argv: ['failoverctl'] })
}

test('the undo is on the disk before the fault is made, as data', async () => {
  const host = world()
  const seen: { what: string; onDisk: string }[] = []
  const signal = host.processes.signal.bind(host.processes)
  host.processes.signal = (id, name) => {
    seen.push({ what: name, onDisk: new TextDecoder().decode(host.disk.synced(UNDO_LOG)) })
    return signal(id, name)
  }
  const { target, faults } = await faultsOf(host)
  await faults.make({ kind: 'stop', on: 'primary' })
  await faults.make({ kind: 'pause', on: 'secondary' })
  await target.close()
  expect(seen.map(({ what }) => what)).toEqual(['SIGTERM', 'SIGSTOP'])
  expect(JSON.parse(seen[0]?.onDisk ?? '')).toEqual({
    id: `${RUN}.1 stop primary`,
    fault: 'stop primary',
    tool: { pid: 1, started: 'boot' },
    inverse: {
      do: 'start',
      argv: ['otelcol', 'primary'],
      was: { pid: 100, started: 't1' },
      pidFile: 'primary.pid',
      log: '.failoverctl/primary.log',
      listens: { host: 'otel-collector-primary', port: 4327 },
    },
  })
  expect(seen[1]?.onDisk).toContain('{"do":"resume","process":{"pid":101,"started":"t2"}}')
  expect(state(host)).toEqual(['secondary paused'])
})

describe('killed at any operation', async () => {
  const whole = world()
  whole.processes.step = () => whole.disk.step()
  await experiment(whole)
  const operations = whole.disk.operations
  const all = Array.from({ length: operations }, (_, index) => index + 1)

  test('there are enough of them', () => {
    expect(operations).toBeGreaterThan(15)
    expect(state(whole)).toEqual(['primary', 'secondary'])
    expect(whole.disk.names.has(UNDO_LOG)).toBe(false)
  })

  test.each(all)('operation %d: recover leaves no fault, also when it is killed itself and runs again', async at => {
    const host = world()
    host.processes.step = () => host.disk.step()
    host.disk.crashAt = at
    await expect(experiment(host)).rejects.toThrow('killed')
    const made = state(host)
    for (let again = 1; ; again++) {
      restart(host)
      host.disk.powerCut(0.5)
      host.disk.crashAt = again
      const ended = await whileTimeGoesOn(host, recover(host)).then(
        () => true,
        () => false,
      )
      if (ended && !host.disk.dead) break
    }
    expect({ made, now: state(host) }).toEqual({ made, now: ['primary', 'secondary'] })
    restart(host)
    expect(await pendingUndos(host)).toEqual([])
  })
})

test('recover says what it did, and a second one finds nothing', async () => {
  const host = world()
  const { target, faults } = await faultsOf(host)
  await faults.make({ kind: 'kill', on: 'primary' })
  await faults.make({ kind: 'pause', on: 'secondary' })
  await target.close()
  restart(host)
  expect(await recover(host)).toEqual([
    { fault: 'pause secondary', result: 'undone', what: 'process 101 goes on', byHand: 'kill -CONT 101' },
    { fault: 'kill primary', result: 'undone', what: 'started again as process 102', byHand: 'otelcol primary' },
  ])
  expect(new TextDecoder().decode(host.contents.get('primary.pid'))).toBe('102\n')
  expect(await recover(host)).toEqual([])
})

test('what a run that lives has made is its own', async () => {
  const host = world()
  const { target, faults } = await faultsOf(host)
  await faults.make({ kind: 'pause', on: 'secondary' })
  await target.close()
  expect(await recover(host)).toMatchObject([{ fault: 'pause secondary', result: 'still running' }])
  expect(state(host)).toContain('secondary paused')
})

test('what cannot be taken back stays in the log, with the command to do it by hand', async () => {
  const host = world()
  const { target, faults } = await faultsOf(host)
  await faults.make({ kind: 'stop', on: 'primary' })
  await target.close()
  restart(host)
  host.processes.start = () => Promise.reject(new Error('no such program'))
  expect(await recover(host)).toEqual([
    { fault: 'stop primary', result: 'failed', what: 'no such program', byHand: 'otelcol primary' },
  ])
  expect(await pendingUndos(host)).toHaveLength(1)
})

test('the command by hand is quoted for a shell, and holds no secret', () => {
  const start = { do: 'start', was: { pid: 1, started: '' }, pidFile: 'a.pid', log: 'a.log', listens: undefined } as const
  expect(byHand({ ...start, argv: ['otelcol', '--config=it has spaces', "it's"] })).toBe(
    `otelcol '--config=it has spaces' 'it'\\''s'`,
  )
  expect(byHand({ ...start, argv: ['otelcol', '--config=yaml:headers: {authorization: hunter2}'] })).not.toContain('hunter2')
})

test('a cut line is a fault that was never made', async () => {
  const host = world()
  host.disk.put(UNDO_LOG, '\n{"id":"x.1","fault":"stop pri')
  expect(await recover(host)).toEqual([])
})
