import type { Alert, AlertRule } from '../alert.ts'
import { levelGauge, lowerLevelSends } from '../level.ts'
import { levelsInWords } from '../situation.ts'

export const failedOver: AlertRule = {
  id: 'failed-over',
  title: 'A failover connector is not on its first level',

  *make(situation): Generator<Alert> {
    for (const failover of situation.graph.failovers) {
      const connector = failover.component.id
      const shared = {
        name: 'CollectorFailedOver',
        holdsFor: '1m',
        severity: 'warning' as const,
        labels: { connector },
        description:
          `In this config ${levelsInWords(failover)}. Find out why level 0 does not take the data; the connector tries it again by itself. ` +
          'failoverctl status shows what each level does.',
      }
      const gauge = levelGauge(failover, situation)
      if (gauge) {
        const test = { atMinutes: 5, series: [[gauge.series, '0x2 1x10']] as const }
        yield {
          ...shared,
          expr: `${gauge.expr} > 0`,
          summary: `{{ $labels.instance }}: ${connector} has failed over to level {{ $value }}`,
          tests: [
            { ...test, name: `${connector} at level 1`, fires: { labels: gauge.labels, value: '1' } },
            { ...test, name: `${connector} at level 0`, series: [[gauge.series, '0x15']], fires: undefined },
            {
              ...test,
              name: `${connector} at level 1 for less than a minute`,
              series: [[gauge.series, '0x4 1x10']],
              fires: undefined,
            },
          ],
        }
        continue
      }
      const sends = lowerLevelSends(failover, situation)
      if (!sends) {
        situation.notes.push(
          `no CollectorFailedOver for ${connector}: the exporters of its lower levels serve other pipelines, too, so that their counters tell nothing`,
        )
        continue
      }
      yield {
        ...shared,
        expr: sends.expr,
        summary: `{{ $labels.instance }}: ${connector} has failed over: a lower level sends {{ $value | humanize }}/s`,
        tests: [
          {
            name: `a lower level of ${connector} sends`,
            series: [[sends.series, '0+60x15']],
            atMinutes: 10,
            fires: { labels: sends.labels, value: '1' },
          },
          { name: `no lower level of ${connector} sends`, series: [[sends.series, '60x15']], atMinutes: 10, fires: undefined },
        ],
      }
    }
  },
}
