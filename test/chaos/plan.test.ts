import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { plan } from '../../src/chaos/plan.ts'
import type { TargetBackend } from '../../src/chaos/target.ts'
import { readGraph } from '../../src/collector/read-graph.ts'
import { readFault } from '../../src/experiment/read-fault.ts'
import type { Action } from '../../src/experiment/wish.ts'
import { readConfig } from '../../src/source/read-config.ts'

const POC = await readFile('fixtures/poc/main.yaml')
const graphWith = async (...overrides: string[]) =>
  readGraph((await readConfig(['main.yaml', ...overrides], { read: async () => POC, env: {} })).root)
const graph = await graphWith()

const backend = (name: string) => ({ name, exporters: [`otlp/${name}`] }) as unknown as TargetBackend
const TARGET = { backends: [backend('primary'), backend('secondary')] }
const REST = {
  steadyMs: 0,
  holdMs: 0,
  drainWithinMs: 0,
  scrapeIntervalMs: 100,
  maxFaultMs: 1000,
  rate: 50,
  spansPerRequest: 1,
  maxLost: 0,
  seed: 1,
}
const planned = (faults: readonly (readonly [Action, string])[], on = graph) =>
  plan(
    {
      faults: faults.map(([action, text]) => readFault(action, text, `--${action}`)),
      bringBack: undefined,
      failoverWithinMs: undefined,
      recoverWithinMs: undefined,
    },
    REST,
    on,
    TARGET,
  )

describe('two faults of one process', () => {
  test.each<[what: string, first: [Action, string], second: [Action, string]]>([
    ['both when steady', ['stop', 'primary'], ['pause', 'primary']],
    ['the same twice, by other names', ['stop', 'primary'], ['kill', 'level0']],
    ['times that overlap', ['stop', 'primary=5s..10s'], ['pause', 'primary=9s..20s']],
    ['one without a time', ['stop', 'primary'], ['pause', 'primary=9s..20s']],
  ])('%s: refused before anything is done', (_, first, second) => {
    expect(() => planned([first, second])).toThrow(/primary at once: its process can fail in one way at a time/)
  })

  test.each<[what: string, first: [Action, string], second: [Action, string]]>([
    ['one after the other', ['stop', 'primary=5s..10s'], ['pause', 'primary=10s..20s']],
    ['of two processes', ['stop', 'primary'], ['pause', 'secondary']],
    ['one of them is none of a process', ['latency', 'primary=100ms'], ['stop', 'primary']],
  ])('%s: planned', (_, first, second) => {
    expect(planned([first, second]).experiment.faults).toHaveLength(2)
  })
})

describe('times that no fault can have', () => {
  test.each<[fault: [Action, string], says: string]>([
    [['stop', 'primary=5s..3s'], 'ends (3s) before it begins (5s)'],
    [['stop', 'primary=5s..5s'], 'ends (5s) before it begins (5s)'],
    [['pause', 'primary=-5s..3s'], 'begins before the traffic does'],
    [['restart', 'primary@-5s'], 'begins before the traffic does'],
    [['crash', 'primary@5s+-1s'], 'no time is negative'],
    [['flap', 'primary=0s/0s'], 'down and up each take some time'],
    [['flap', 'primary=1s/1s@9s..8s'], 'ends (8s) before it begins (9s)'],
  ])('%j %s', (fault, says) => {
    expect(() => planned([fault])).toThrow(says)
  })
})

describe('the level that should follow', () => {
  test('with both down there is none', () => {
    expect(planned([['stop', 'primary']]).expectedLevel(new Set(['otlp/primary', 'otlp/secondary']))).toBe(-1)
  })

  test('a last level that queues stays in use while its backend is down', async () => {
    const queued = await graphWith('yaml:exporters::otlp/secondary::sending_queue: {enabled: true}')
    expect(planned([['stop', 'primary']], queued).expectedLevel(new Set(['otlp/primary', 'otlp/secondary']))).toBe(1)
  })

  test('a first level that queues is a placebo: the next one should follow', async () => {
    const queued = await graphWith('yaml:exporters::otlp/primary::sending_queue: {enabled: true}')
    expect(planned([['stop', 'primary']], queued).expectedLevel(new Set(['otlp/primary']))).toBe(1)
  })
})
