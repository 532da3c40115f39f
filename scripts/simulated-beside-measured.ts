// docs/simulated-beside-measured.md: what was measured on a real collector, and what `simulate` says of the same.
import { readGraph } from '../src/collector/read-graph.ts'
import { formatDuration } from '../src/core/duration.ts'
import { readFault } from '../src/experiment/read-fault.ts'
import { percentile } from '../src/experiment/spread.ts'
import type { Action, Wish } from '../src/experiment/wish.ts'
import { planScenario } from '../src/simulate/plan.ts'
import { type Run, runOnce } from '../src/simulate/run.ts'
import { readYaml } from '../src/source/read-yaml.ts'
import { ruleFindings } from '../src/validate/check.ts'

const OFF = '{enabled: false}'

interface Shape {
  readonly type?: 'otlp' | 'otlphttp'
  readonly connectorQueue?: string
  readonly queue?: string
  readonly retry?: string
  readonly level?: string
  readonly fsync?: boolean
  readonly backup?: string
}

const config = ({
  type = 'otlp',
  connectorQueue = OFF,
  queue = OFF,
  retry = OFF,
  level = '[]',
  fsync = true,
  backup,
}: Shape): string => `
receivers: {otlp: {protocols: {http: }}}
processors: {batch: }
extensions: {file_storage: {directory: /tmp, fsync: ${fsync}}}
exporters:
  ${type}/primary: {endpoint: 'http://primary:4317', timeout: 5s, sending_queue: ${queue}, retry_on_failure: ${retry}}
  ${type}/secondary: {endpoint: 'http://secondary:4317', timeout: 5s, sending_queue: ${OFF}, retry_on_failure: ${OFF}}
  file/backup: {path: /tmp/backup.jsonl${backup ?? ''}}
connectors: {failover: {priority_levels: [[traces/primary], [traces/secondary]], retry_interval: 5s, sending_queue: ${connectorQueue}}}
service:
  extensions: [file_storage]
  pipelines:
    traces: {receivers: [otlp], exporters: [failover]}
    traces/primary: {receivers: [failover], processors: ${level}, exporters: [${type}/primary]}
    traces/secondary: {receivers: [failover], exporters: [${backup === undefined ? `${type}/secondary` : 'file/backup'}]}
`

type Faults = readonly (readonly [Action, string])[]

/** A graph and a scenario of one span a request, and how to run it with a seed. */
function prepare(shape: Shape, faults: Faults, wish: Partial<Wish>) {
  const root = readYaml('config.yaml', config(shape))
  if (root.kind !== 'map') throw new Error('a config is a map')
  const graph = readGraph(root)
  const wished = {
    claims: [],
    spansPerRequest: 1,
    ...wish,
    faults: faults.map(([action, text]) => readFault(action, text, action)),
  }
  const { scenario, failover } = planScenario(wished, graph, 1)
  return { graph, run: (seed = 1) => runOnce(graph, failover, { ...scenario, seed }) }
}

const compute = (shape: Shape, faults: Faults, wish: Partial<Wish>): Run => prepare(shape, faults, wish).run()

const time = (seconds: number | null | undefined) =>
  seconds === null || seconds === undefined ? 'never' : formatDuration(seconds * 1000)
const failover = ({ measured }: Run) => time(measured.failover?.time_s)
const recovery = ({ measured }: Run) => time(measured.recovery?.time_s)
const path = ({ measured }: Run) => measured.levels.map(({ level }) => level).join(' → ')
const lost = ({ measured: { ledger } }: Run) =>
  ledger.lost === 0 ? 'nothing lost' : `${ledger.lost} of ${ledger.acknowledged} lost, each acknowledged`

type Row = readonly [what: string, config: string, measured: string, computed: () => string]

const SEEDS = 1000

/** The recovery times of many seeds, in seconds, sorted. */
function recoveries(shape: Shape, outage: string, seeds: number): number[] {
  const { run } = prepare(shape, [['stop', `primary=${outage}`]], { traffic: 10, durationMs: 500_000, drainWithinMs: 0 })
  return Array.from({ length: seeds }, (_, index) => run(index + 1).measured.recovery?.time_s ?? Number.POSITIVE_INFINITY).sort(
    (a, b) => a - b,
  )
}

const spread = (times: readonly number[]) =>
  `${time(percentile(times, 0.01))} to ${time(percentile(times, 0.99))}, half within ${time(percentile(times, 0.5))}`

const ROWS: readonly Row[] = [
  [
    'primary stopped (connection refused)',
    'exporters with queue and retry off',
    'level 0 → 1 within 0.05 s; nothing lost',
    () => {
      const run = compute({}, [['stop', 'primary=2s..4s']], { traffic: 20, durationMs: 12_000 })
      return `after ${failover(run)}; ${lost(run)}`
    },
  ],
  [
    'primary hangs (SIGSTOP)',
    'the same, and a queue on the connector',
    'level 0 → 1 after 5.1 s: the exporter’s `timeout`; nothing lost',
    () => {
      const run = compute({ connectorQueue: '{}' }, [['pause', 'primary=2s..20s']], { traffic: 20, durationMs: 40_000 })
      return `after ${failover(run)}; ${lost(run)}`
    },
  ],
  [
    'primary back after 2 s',
    'retry_interval 5s',
    'level 0 after 3.0 s',
    () => `after ${recovery(compute({}, [['stop', 'primary=2s..4s']], { traffic: 20, durationMs: 20_000 }))}`,
  ],
  ['primary back after 12 s', 'retry_interval 5s', 'level 0 after 3.2 s', () => spread(recoveries({}, '2s..14s', 200))],
  [
    'primary back after 40 s',
    'retry_interval 5s, otlp (gRPC) exporter',
    '5.2 s in one run, more than 25 s in another',
    () => spread(recoveries({}, '10s..50s', 200)),
  ],
  ['primary back after 120 s', 'the same', '75 s until level 0', () => spread(recoveries({}, '10s..130s', 200))],
  [
    'both down for 1.8 s, secondary back',
    'connector queue on (default)',
    '−1 until the next tick (3.3 s after it was back); 10 of 21 spans lost, each answered with HTTP 200',
    () => {
      const run = compute(
        { connectorQueue: '{}' },
        [
          ['stop', 'primary=2s..60s'],
          ['stop', 'secondary=2s..3800ms'],
        ],
        { traffic: 2, durationMs: 10_500 },
      )
      return `levels ${path(run)}, ${recovery(run)} after it was back; ${lost(run)}`
    },
  ],
  [
    'the same',
    'connector queue off',
    'the same times, and the sender got 503 for those 10',
    () => {
      const run = compute(
        {},
        [
          ['stop', 'primary=2s..60s'],
          ['stop', 'secondary=2s..3800ms'],
        ],
        { traffic: 2, durationMs: 10_500 },
      )
      return `levels ${path(run)}, ${recovery(run)} after it was back; ${run.measured.ledger.refused} refused, ${lost(run)}`
    },
  ],
  [
    'primary stopped',
    'exporter behind the connector with `sending_queue` and `retry_on_failure` on',
    'no failover: level stays 0, secondary receives nothing, data waits in the queue',
    () => {
      const run = compute({ queue: '{}', retry: '{}' }, [['stop', 'primary=2s..60s']], {
        traffic: 2,
        durationMs: 30_000,
        drainWithinMs: 0,
      })
      const { ledger } = run.measured
      return `level ${path(run)}, secondary ${ledger.delivered.secondary}, ${ledger.queued} queued`
    },
  ],
  [
    'primary stopped',
    '`batch` processor in the level’s pipeline',
    'no failover, 30 of 68 spans lost without a sign',
    () => {
      const run = compute({ level: '[batch]' }, [['stop', 'primary=5s..20s']], { traffic: 2, durationMs: 34_000 })
      return `level ${path(run)}; ${lost(run)} (15 s down, and until gRPC dials again)`
    },
  ],
  [
    'primary stopped',
    'connector’s `sending_queue` with `batch`',
    'failover works, nothing lost',
    () => {
      const run = compute({ connectorQueue: '{batch: {}}' }, [['stop', 'primary=2s..4s']], { traffic: 20, durationMs: 20_000 })
      return `levels ${path(run)}; ${lost(run)}`
    },
  ],
  [
    'primary back after 40 s',
    'retry_interval 5s, otlphttp exporter',
    'level 0 after 0.5 s: HTTP has no reconnect backoff',
    () => {
      const run = compute({ type: 'otlphttp' }, [['stop', 'primary=2s..41500ms']], { traffic: 20, durationMs: 60_000 })
      return `after ${recovery(run)} (down for 39.5 s: half a second before a tick)`
    },
  ],
  [
    'any',
    'connector’s `sending_queue` with `storage: file_storage`',
    'the collector panics at the first batch',
    () => {
      const { graph } = prepare({ connectorQueue: '{storage: file_storage}' }, [], {})
      const found = ruleFindings(graph).find(({ rule }) => rule === 'connector-queue-with-storage')
      return found ? `refused: \`${found.rule}\`` : 'not seen'
    },
  ],
  [
    'one batch answered with 400',
    'queue and retry off, retry_interval 5s',
    'all traffic on level 1 until the next tick, 5.2 s',
    () => {
      const run = compute({}, [['reject', 'primary=400@2s..2050ms']], { traffic: 20, durationMs: 20_000 })
      return `levels ${path(run)}, level 1 for ${onLevel1(run)}`
    },
  ],
  [
    'one batch answered with 429',
    'the same',
    'the same',
    () => {
      const run = compute({}, [['reject', 'primary=429@2s..2050ms']], { traffic: 20, durationMs: 20_000 })
      return `levels ${path(run)}, level 1 for ${onLevel1(run)}`
    },
  ],
  [
    'the sample at the tick fails, too',
    'the same',
    'another interval: 10.3 s',
    () => {
      const run = compute({}, [['reject', 'primary=500@2s..7100ms']], { traffic: 20, durationMs: 20_000 })
      return `levels ${path(run)}, level 1 for ${onLevel1(run)}`
    },
  ],
  [
    'backend down, collector killed, both back',
    '`sending_queue.storage: file_storage` with fsync, retry on',
    'nothing of 101 lost',
    () => lost(killed('{storage: file_storage}')),
  ],
  ['the same', 'the queue in memory', '16 of 101 lost', () => lost(killed('{}'))],
  [
    'collector restarted',
    'file exporter without `append` and without `rotation`',
    'the backup file is truncated at start',
    () => {
      const run = compute(
        { backup: '' },
        [
          ['stop', 'primary=2s..60s'],
          ['crash', 'collector@10s'],
        ],
        { traffic: 10, durationMs: 20_000 },
      )
      return `${run.losses.map(({ count, error }) => `${count} spans lost: ${error}`).join('; ')}`
    },
  ],
]

// The backend is down for 1.6 s when the collector dies: at ten spans a second 16 wait by then.
const killed = (queue: string): Run =>
  compute(
    { queue, retry: '{}' },
    [
      ['stop', 'primary=3s..20s'],
      ['crash', 'collector@4550ms'],
    ],
    { traffic: 10, durationMs: 10_100, senderRetryMs: 60_000, drainWithinMs: 120_000 },
  )

function onLevel1({ measured: { levels } }: Run): string {
  const [down, up] = [levels.find(({ level }) => level === 1), levels.findLast(({ level }) => level === 0)]
  return down && up ? time(up.at_s - down.at_s) : 'ever'
}

const SHARES = [0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1]

function distribution(name: string, outage: string, marks: readonly number[]): string[] {
  const times = recoveries({}, outage, SEEDS)
  const cells = SHARES.map(share => time(percentile(times, share)))
  const within = (seconds: number) =>
    `${((times.filter(each => each <= seconds).length / times.length) * 100).toFixed(1)} % within ${seconds} s`
  return [`| ${name} | ${cells.join(' | ')} | ${marks.map(within).join(', ')} |`]
}

/** The whole page; 2,400 runs. */
export function simulatedBesideMeasured(): string {
  const rows = ROWS.map(([what, how, measured, computed]) => `| ${what} | ${how} | ${measured} | ${computed()} |`)
  return `# Simulated beside measured

What was measured on a real collector (core 0.161.0, on loopback), and what \`failoverctl simulate\` computes for the same config and the
same faults. \`npm run docs\` writes this page; a test fails when it says something else than the model. Where the notes of a measurement do not
say how fast traffic was or how long a fault lasted, the simulation takes what its figures imply. \`fixtures/traces/\` holds further runs in
full; the model replays each and must agree within 10 % or 100 ms.

| what | config | measured | simulated |
| --- | --- | --- | --- |
${rows.join('\n')}

## Recovery behind gRPC

A gRPC client that could not connect dials again after 1 s, 1.6 s, 2.6 s and so on, each ± 20 %, up to 120 s, and refuses every call until then. How
long a backend stays unused after an outage is therefore chance. Over ${SEEDS} seeds, retry_interval 5s:

| outage | ${SHARES.map(share => (share === 0 ? 'least' : share === 1 ? 'most' : `p${share * 100}`)).join(' | ')} | |
| --- | ${SHARES.map(() => '---').join(' | ')} | --- |
${[...distribution('40 s', '10s..50s', [5.2, 25]), ...distribution('120 s', '10s..130s', [75])].join('\n')}

Measured after 40 s: 5.2 s in one run, more than 25 s in another. Measured after 120 s: 75 s.
`
}
