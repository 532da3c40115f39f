import { formatBytes } from '../../core/sizes.ts'
import type { Alert, AlertRule } from '../alert.ts'
import { type BackupFile, backupsOf } from '../backups.ts'
import { exporterMatcher, type Situation } from '../situation.ts'

/** Rotation deletes the oldest data from here on. */
const NEAR = 0.8
const WINDOW = '1d'

export const backupNearLimit: AlertRule = {
  id: 'backup-near-limit',
  title: 'A backup file nears the size at which rotation deletes the oldest data',

  *make(situation): Generator<Alert> {
    for (const backup of backupsOf(situation)) {
      const { exporter, units, limitBytes } = backup
      const [unit] = units
      if (limitBytes === undefined || !unit) continue
      const { itemBytes } = situation.options
      const limit = Math.floor(limitBytes / itemBytes)
      const sent = situation.sample(`otelcol_exporter_sent_${unit}`, { exporter: exporter.id })
      const step = Math.ceil((NEAR * limit) / 100)
      yield {
        name: 'CollectorBackupNearLimit',
        expr: `${written(backup, situation)} * ${itemBytes} > ${NEAR} * ${limitBytes}`,
        holdsFor: '5m',
        severity: 'critical',
        labels: { exporter: exporter.id },
        summary: `{{ $labels.instance }}: ${exporter.id} has written about {{ $value | humanize1024 }}B in a day, and keeps ${formatBytes(limitBytes)}`,
        description:
          `Counted as ${itemBytes} bytes an item (--item-bytes), for a collector tells no sizes. Past the limit rotation deletes the oldest data: ` +
          'copy the files away, or raise max_backups.',
        tests: [
          {
            name: `${exporter.id} nears its limit`,
            series: [[sent, `0+${step}x150`]],
            atMinutes: 140,
            fires: { labels: { ...situation.target, exporter: exporter.id }, value: humanize1024(140 * step * itemBytes) },
          },
          {
            name: `${exporter.id} has written little`,
            series: [[sent, `0+${Math.floor(step / 10)}x150`]],
            atMinutes: 140,
            fires: undefined,
          },
        ],
      }
    }
  },
}

/** Of several signals the sum: each gets a label of its own first, or they would be one series. */
function written({ exporter, units }: BackupFile, situation: Situation): string {
  const increase = (unit: string) =>
    `increase(${situation.counter(`otelcol_exporter_sent_${unit}`, exporterMatcher([exporter.id]))}[${WINDOW}])`
  const by = situation.by('exporter')
  if (units.length === 1) return `sum ${by} (${increase(units[0] as string)})`
  const each = units.map(unit => `label_replace(${increase(unit)}, "unit", "${unit}", "", "")`)
  return `sum ${by} (\n  ${each.join('\n  or\n  ')}\n)`
}

/** As Prometheus writes it: 1234567 is `1.177M`. */
function humanize1024(value: number): string {
  const prefixes = ['', 'ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
  let power = 0
  let rest = value
  while (rest >= 1024 && power < prefixes.length - 1) {
    rest /= 1024
    power++
  }
  return `${Number(rest.toPrecision(4))}${prefixes[power]}`
}
