import type { DryFault, DryRun } from '../chaos/dry-run.ts'
import { formatDuration } from '../core/duration.ts'
import type { Painter } from '../core/paint.ts'

/** The plan of an experiment that is not run: who, what, when, and how it is taken back by hand. */
export function dryRunText(plan: DryRun, paint: Painter): string {
  const time = (seconds: number) => formatDuration(seconds * 1000)
  const { traffic, connector, levels, runs } = plan
  const rows: [string, readonly string[]][] = [
    ['target', [plan.target]],
    ['config', [plan.config]],
    ['traffic', [`${traffic.spans_per_second} spans/s in requests of ${traffic.spans_per_request} to ${traffic.to}`]],
    [
      'levels',
      [connector === null ? 'no failover connector' : `${connector}: ${levels.map(level => level.join(' + ')).join(' → ')}`],
    ],
    ['faults', plan.faults.flatMap(faultLines)],
    [
      'meanwhile',
      [
        plan.lowest_level < 0
          ? 'no level is left: the collector has nobody to send to'
          : `level ${plan.lowest_level} takes the traffic`,
      ],
    ],
    [
      'allowed',
      [
        `${time(plan.failover_within_s)} to fail over, ${time(plan.recover_within_s)} to recover, ${plan.max_lost} spans lost`,
        `a fault that lasts ${time(plan.max_fault_s)} is taken back, and the run ends`,
      ],
    ],
    ['claims', plan.claims],
    [
      'probes',
      plan.probes.map(({ name, expected, when, aborts }) => `${name}: ${expected} (${when}${aborts ? ', ends the run' : ''})`),
    ],
    ['rollbacks', plan.rollbacks],
    ['controls', plan.controls],
    ['runs', runs > 1 ? [`${runs}, one after the other`] : []],
    ['notes', plan.notes],
  ]
  const lines = rows.flatMap(([label, values]) =>
    values.map((value, index) => `  ${paint.dim((index === 0 ? label : '').padEnd(10))} ${value}`),
  )
  return `${paint.bold('Dry run: nothing is made to fail, nothing is sent')}\n\n${lines.join('\n')}\n`
}

const faultLines = ({ kind, on, from, until, undo_by_hand: undo }: DryFault): string[] => [
  `${kind} ${on}: ${from}, ${until}`,
  `  taken back by hand: ${undo ?? 'nothing to do, it ends with failoverctl'}`,
]
