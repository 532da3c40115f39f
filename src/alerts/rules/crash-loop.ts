import type { Alert, AlertRule } from '../alert.ts'
import { braces, uptime } from '../names.ts'
import { series } from '../situation.ts'

const DESCRIPTION =
  'More than three restarts in an hour. What its queues held in memory is lost each time. Its log says why it ends; ' +
  'failoverctl validate says what a collector refuses to start with.'

export const crashLoop: AlertRule = {
  id: 'crash-loop',
  title: 'A collector is started again and again',

  *make(situation): Generator<Alert> {
    const name = 'otelcol_process_uptime'
    const started = series(situation.spelling === 'plain' ? name : `${name}_seconds_total`, situation.target)
    const shared = { name: 'CollectorCrashLoop', holdsFor: '0s', severity: 'critical' as const, description: DESCRIPTION }
    yield {
      ...shared,
      expr: `max ${situation.by()} (resets(${uptime(situation.spelling, situation.matchers())}[1h])) > 3`,
      summary: '{{ $labels.instance }}: started {{ $value }} times in an hour',
      tests: [
        {
          name: 'started five times',
          series: [[started, '60 5x2 4x2 3x2 2x2 1x20']],
          atMinutes: 25,
          fires: { labels: situation.target, value: '5' },
        },
        { name: 'started once', series: [[started, '600+60x10 5+60x20']], atMinutes: 25, fires: undefined },
      ],
    }
    const { kubernetes } = situation.options
    if (!kubernetes) return
    const { namespace, container } = kubernetes
    const where = [...(namespace === undefined ? [] : [`namespace="${namespace}"`]), `container="${container}"`]
    const labels = { namespace: namespace ?? 'observability', pod: 'otel-collector-0', container }
    const restarts = series('kube_pod_container_status_restarts_total', labels)
    yield {
      ...shared,
      labels: { seen_by: 'kube-state-metrics' },
      expr: `max by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total${braces(where)}[1h])) > 3`,
      summary: '{{ $labels.pod }}: started {{ $value | humanize }} times in an hour',
      tests: [
        { name: 'a pod restarts each minute', series: [[restarts, '0+1x90']], atMinutes: 80, fires: { labels, value: '60' } },
        { name: 'a pod that has restarted once', series: [[restarts, '0x10 1x80']], atMinutes: 80, fires: undefined },
      ],
    }
  },
}
