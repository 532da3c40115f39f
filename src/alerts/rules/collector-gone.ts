import type { Alert, AlertRule } from '../alert.ts'
import { braces, uptime } from '../names.ts'
import { series } from '../situation.ts'

const SUMMARY = 'A collector that was there is gone'
const DESCRIPTION =
  'Prometheus cannot read its metrics: it is down, or it serves them only to its own machine (localhost:8888 is the default). ' +
  'What was sent to it fails unless the sender has another address.'

export const collectorGone: AlertRule = {
  id: 'collector-gone',
  title: 'A collector, or all of them, is not there any more',

  *make(situation): Generator<Alert> {
    const { job } = situation.options
    const own = uptime(situation.spelling, situation.matchers())
    const name = 'otelcol_process_uptime'
    const started = series(situation.spelling === 'plain' ? name : `${name}_seconds_total`, situation.target)
    const shared = { name: 'CollectorGone', severity: 'critical' as const, description: DESCRIPTION }
    if (job === undefined) {
      // Without a job nothing tells a target that is down from one that was taken away on purpose: it is told for a quarter of an hour.
      yield {
        ...shared,
        expr: `max ${situation.by()} (max_over_time(${own}[15m]))\nunless\nmax ${situation.by()} (${own})`,
        holdsFor: '2m',
        summary: `${SUMMARY}: {{ $labels.instance }}`,
        tests: [
          {
            name: 'its metrics end',
            series: [[started, '0+60x10 _x20']],
            atMinutes: 20,
            fires: { labels: situation.target, value: '600' },
          },
          { name: 'its metrics go on', series: [[started, '0+60x30']], atMinutes: 20, fires: undefined },
        ],
      }
    } else {
      const up = series('up', situation.target)
      yield {
        ...shared,
        expr: `max ${situation.by()} (up${braces(situation.matchers())}) == 0`,
        holdsFor: '2m',
        summary: `${SUMMARY}: {{ $labels.instance }}`,
        tests: [
          {
            name: 'it does not answer',
            series: [[up, '1x5 0x20']],
            atMinutes: 15,
            fires: { labels: situation.target, value: '0' },
          },
          { name: 'it answers', series: [[up, '1x20']], atMinutes: 15, fires: undefined },
        ],
      }
    }
    yield {
      ...shared,
      name: 'CollectorsAllGone',
      expr: `absent(${own})`,
      holdsFor: '5m',
      summary: 'No collector serves metrics',
      tests: [
        {
          name: 'nothing is there',
          series: [],
          atMinutes: 15,
          fires: { labels: job === undefined ? {} : { job }, value: '1' },
        },
        { name: 'one is there', series: [[started, '0+60x20']], atMinutes: 15, fires: undefined },
      ],
    }
  },
}
