import type { Alert, AlertRule } from '../alert.ts'
import { backupsOf } from '../backups.ts'
import { exporterMatcher } from '../situation.ts'

export const backupGrowing: AlertRule = {
  id: 'backup-growing',
  title: 'A backup file is being written',

  *make(situation): Generator<Alert> {
    for (const { exporter, units } of backupsOf(situation)) {
      for (const unit of units) {
        const name = `otelcol_exporter_sent_${unit}`
        const sent = situation.sample(name, { exporter: exporter.id })
        const words = unit.replace('_', ' ')
        yield {
          name: 'CollectorBackupGrowing',
          expr: `sum ${situation.by('exporter')} (rate(${situation.counter(name, exporterMatcher([exporter.id]))}[5m])) > 0`,
          holdsFor: '5m',
          severity: 'warning',
          labels: { exporter: exporter.id, signal: { spans: 'traces', metric_points: 'metrics', log_records: 'logs' }[unit] },
          summary: `{{ $labels.instance }}: ${exporter.id} catches {{ $value | humanize }} ${words} a second that no backend has`,
          description: 'When a backend is back, failoverctl replay brings it what the file holds.',
          tests: [
            {
              name: `${exporter.id} writes ${words}`,
              series: [[sent, '0+60x20']],
              atMinutes: 15,
              fires: { labels: { ...situation.target, exporter: exporter.id }, value: '1' },
            },
            { name: `${exporter.id} holds ${words} of long ago`, series: [[sent, '60x20']], atMinutes: 15, fires: undefined },
          ],
        }
      }
    }
  },
}
