import { describe, expect, test } from 'vitest'
import type { PlannedFault } from '../../src/chaos/experiment.ts'
import type { Plan } from '../../src/chaos/plan.ts'
import { lowestExpected, preflight } from '../../src/chaos/preflight.ts'
import type { Target } from '../../src/chaos/target.ts'
import { readGraph } from '../../src/collector/read-graph.ts'
import { VirtualClock } from '../../src/core/clock.ts'
import { parsePrometheus } from '../../src/metrics/prometheus.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import type { MapValue } from '../../src/source/value.ts'
import { GOOD } from '../good-config.ts'

const graph = readGraph(readYaml('a.yaml', GOOD) as MapValue)
const planOf = (...faults: readonly PlannedFault[]): Plan =>
  ({
    experiment: { faults },
    timeoutOf: () => 5000,
    expectedLevel: (down: ReadonlySet<string>) => (down.size > 1 ? -1 : down.size),
  }) as unknown as Plan

/** Two backends; what is done to them is kept. */
function targetWith(metrics: string, gone?: string) {
  const done: string[] = []
  const backend = (name: string) => ({
    name,
    exporters: [`otlp_http/${name}`],
    can: new Set(['stop']),
    cannot: { partition: 'iptables needs root' },
    async prepare(deed: string) {
      if (name === gone) throw new Error(`process 7 of ${name} is gone`)
      const inverse = { do: 'run', commands: [['docker', 'start', name]], what: '' }
      return { inverse, inject: async () => void done.push(deed), undo: async () => {} }
    },
  })
  const target = {
    name: 'two processes',
    backends: [backend('primary'), backend('backup')],
    scrape: async () => parsePrometheus(metrics),
  } as unknown as Target
  return { target, done }
}

const RUNS = 'otelcol_exporter_sent_spans{exporter="otlp_http/primary"} 3'
const STOP = { kind: 'stop', on: 'primary' } as const
const look = (metrics: string, fault: PlannedFault, gone?: string) =>
  preflight(planOf(fault), graph, targetWith(metrics, gone).target, new VirtualClock())

test('looks and touches nothing: each fault with how it is taken back by hand', async () => {
  const { target, done } = targetWith(RUNS)
  const ready = await preflight(planOf(STOP), graph, target, new VirtualClock())
  expect(ready).toEqual([{ fault: STOP, byHand: 'docker start primary' }])
  expect(done).toEqual([])
})

describe('what is not as it should be is told before the first fault', () => {
  test.each<[what: string, metrics: string, fault: PlannedFault, gone: string | undefined, code: string, message: string]>([
    ['no metrics', '', STOP, undefined, 'no-answer', 'no metrics at two processes'],
    [
      'another config',
      RUNS.replace('primary', 'prime'),
      STOP,
      undefined,
      'other-config',
      'the running collector has the exporter otlp_http/prime',
    ],
    [
      'a fault it cannot make',
      RUNS,
      { kind: 'partition', on: 'backup' },
      undefined,
      'not-embedded',
      'partition backup cannot be done with two processes: iptables needs root',
    ],
  ])('%s', async (_, metrics, fault, gone, code, message) => {
    await expect(look(metrics, fault, gone)).rejects.toMatchObject({ code, exit: 4, message: expect.stringContaining(message) })
  })

  test('a subject that is gone', async () => {
    await expect(look(RUNS, STOP, 'primary')).rejects.toThrow('process 7 of primary is gone')
  })
})

test('the level that is left while all faults are there', () => {
  const { target } = targetWith(RUNS)
  expect(lowestExpected(planOf(STOP), target)).toBe(1)
  expect(lowestExpected(planOf(STOP, { kind: 'stop', on: 'backup' }), target)).toBe(-1)
  expect(lowestExpected(planOf({ kind: 'latency', on: 'primary', latencyMs: 10 }), target)).toBe(0)
})
