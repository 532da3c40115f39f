import { describe, expect, test } from 'vitest'
import type { Experiment } from '../../src/chaos/experiment.ts'
import type { Plan } from '../../src/chaos/plan.ts'
import { runExperiment } from '../../src/chaos/run.ts'
import type { Target } from '../../src/chaos/target.ts'
import { labTarget } from '../../src/chaos/targets/lab.ts'
import type { Graph } from '../../src/collector/graph.ts'
import { readGraph } from '../../src/collector/read-graph.ts'
import { newRun } from '../../src/otlp/identity.ts'
import { expectedLevel } from '../../src/outage/expected-level.ts'
import type { Measured } from '../../src/outage/measured.ts'
import { readConfig } from '../../src/source/read-config.ts'
import { buildCollector, hasGo } from '../collector/build.mjs'
import { testHost } from '../real-host.ts'
import { pocTarget } from './process-target.ts'

const RATE = 25

const STANDARD: Experiment = {
  faults: [{ kind: 'stop', on: 'primary' }],
  steadyMs: 500,
  failoverWithinMs: 3000,
  holdMs: 500,
  recoverWithinMs: 6000,
  drainWithinMs: 12_000,
  maxFaultMs: 600_000,
  scrapeIntervalMs: 50,
  rate: RATE,
  spansPerRequest: 1,
  maxLost: 0,
  seed: 1,
}

function planOf(experiment: Experiment, graph: Graph): Plan {
  const failover = graph.failovers.find(({ component }) => component.id === 'failover/traces') as Graph['failovers'][number]
  return { experiment, failover, timeoutOf: () => 0, expectedLevel: down => expectedLevel(failover, down) }
}

interface Case {
  readonly what: string
  readonly experiment: Partial<Experiment>
  readonly overrides: readonly string[]
  readonly levels: readonly number[]
  /** Spans that must be lost, as a range; both the lab and the real collector are held to it. */
  readonly lost?: readonly [number, number]
  readonly refused?: readonly [number, number]
  readonly env?: Record<string, string>
}

const INTERVAL = 'yaml:connectors::failover/traces::retry_interval: 2s'
const eachExporter = (setting: string) => ['primary', 'secondary'].map(name => `yaml:exporters::otlp/${name}::${setting}`)
const BOTH: Partial<Experiment> = {
  faults: [
    { kind: 'stop', on: 'primary', untilMs: Number.POSITIVE_INFINITY },
    { kind: 'stop', on: 'secondary' },
  ],
}

// Two seconds of traffic at level -1 are one retry_interval: 50 spans, give or take when the first error came.
const ONE_INTERVAL = [2 * RATE - 8, 2 * RATE + 8] as const

const cases: Case[] = [
  { what: 'the primary is stopped', experiment: {}, overrides: [INTERVAL], levels: [0, 1, 0] },
  {
    what: 'the primary hangs',
    experiment: { faults: [{ kind: 'pause', on: 'primary' }] },
    overrides: [INTERVAL, ...eachExporter('timeout: 1s')],
    levels: [0, 1, 0],
  },
  {
    what: 'both are stopped, the secondary is back: the connector queue has acknowledged',
    experiment: BOTH,
    overrides: [INTERVAL],
    levels: [0, -1, 1],
    lost: ONE_INTERVAL,
  },
  {
    what: 'the same without the connector queue: the sender is told',
    experiment: BOTH,
    overrides: [INTERVAL, 'yaml:connectors::failover/traces::sending_queue::enabled: false'],
    levels: [0, -1, 1],
    refused: ONE_INTERVAL,
  },
  {
    what: 'placebo: queue and retry behind the connector',
    experiment: {},
    overrides: [
      INTERVAL,
      ...eachExporter('sending_queue::enabled: true'),
      ...eachExporter('retry_on_failure: {enabled: true, initial_interval: 1s}'),
    ],
    levels: [0],
  },
  {
    what: 'placebo: batch processor behind the connector',
    experiment: {},
    overrides: [
      INTERVAL,
      'yaml:processors::batch: {timeout: 200ms}',
      'yaml:service::pipelines::traces/primary::processors: [batch]',
    ],
    levels: [0],
    // While the primary is away, and until the gRPC client has dialed again.
    lost: [3 * RATE, 6 * RATE],
  },
  {
    what: 'a collector without the level gauge',
    experiment: {},
    overrides: [INTERVAL],
    levels: [0, 1, 0],
    env: { FAILOVER_LEVEL_GAUGE: 'off' },
  },
]

/** The levels in the order seen, less those that were current for no longer than a scrape or two on the way down. */
const path = ({ levels }: Measured) =>
  levels
    .filter(
      ({ level, at_s }, index) => !(level > 0 && levels[index + 1]?.level === -1 && (levels[index + 1]?.at_s ?? 0) - at_s < 0.3),
    )
    .map(({ level }) => level)

async function measure(
  made: Case,
  start: (graph: Graph, run: string, host: ReturnType<typeof testHost>) => Promise<Target>,
): Promise<Measured> {
  const host = testHost()
  const { root } = await readConfig(['fixtures/poc/main.yaml', ...made.overrides], {
    read: file => host.files.read(file),
    env: {},
  })
  const graph = readGraph(root)
  const run = newRun(host.random)
  const target = await start(graph, run, host)
  try {
    return await runExperiment(planOf({ ...STANDARD, ...made.experiment }, graph), run, target, host, [])
  } finally {
    await target.close()
    await host.network.close()
  }
}

describe.skipIf(!(await hasGo()) && !process.env.CI)('the lab does what three real collectors do (skipped without Go)', () => {
  test.each(cases)(
    '$what',
    async made => {
      const binary = await buildCollector()
      const real = await measure(made, (_, run, host) =>
        pocTarget({ binary, run, host, overrides: made.overrides, ...(made.env ? { env: made.env } : {}) }),
      )
      const lab = await measure(made, (graph, run, host) => labTarget(graph, run, 1, host))
      for (const measured of [real, lab]) {
        expect(path(measured)).toEqual(made.levels)
        expect(measured.ledger.queued).toBe(0)
        expect(measured.ledger.unknown).toBe(0)
        expectWithin(measured.ledger.lost, made.lost)
        expectWithin(measured.ledger.refused, made.refused)
      }
      for (const what of ['failover', 'recovery'] as const) {
        expect(lab[what]?.reached).toBe(real[what]?.reached)
        const [own, theirs] = [lab[what]?.interval_s, real[what]?.interval_s]
        if (own && theirs) expect(Math.abs(own[1] - theirs[1])).toBeLessThan(1)
      }
    },
    240_000,
  )
})

const expectWithin = (count: number, [least, most]: readonly [number, number] = [0, 0]) => {
  expect(count).toBeGreaterThanOrEqual(least)
  expect(count).toBeLessThanOrEqual(most)
}
