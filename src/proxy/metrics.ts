import { labelText } from '../metrics/exposition.ts'
import type { Door } from './door.ts'

type Line = readonly [labels: Readonly<Record<string, string>>, value: number]

const UP = { healthy: 1, unknown: 1, degraded: 1, unhealthy: 0 } as const

/** Prometheus text: for each listener what came of its requests, for each endpoint how it is. */
export function proxyMetrics(doors: readonly Door[]): string {
  const each = doors.map(door => ({ door, listener: door.config.name, statistics: door.manager.statistics() }))
  const endpoints = each.flatMap(({ door, listener }) =>
    door.manager.endpoints().map(view => ({ labels: { listener, endpoint: view.endpoint.id }, view })),
  )
  return [
    family(
      'requests_total',
      'counter',
      'Requests by how they ended.',
      each.flatMap(({ listener, statistics, door }) => [
        [{ listener, outcome: 'success' }, statistics.successes],
        [{ listener, outcome: 'failure' }, statistics.failures],
        [{ listener, outcome: 'turned-away' }, door.turnedAway],
      ]),
    ),
    family(
      'requests_in_flight',
      'gauge',
      'Requests under way.',
      each.map(({ listener, door }) => [{ listener }, door.open]),
    ),
    family(
      'retries_total',
      'counter',
      'Tries after the first.',
      each.map(({ listener, statistics }) => [{ listener }, statistics.retries]),
    ),
    family(
      'failovers_total',
      'counter',
      'Tries that went to another endpoint.',
      each.map(({ listener, statistics }) => [{ listener }, statistics.failovers]),
    ),
    family(
      'recoveries_total',
      'counter',
      'Times that an endpoint came back.',
      each.map(({ listener, statistics }) => [{ listener }, statistics.recoveries]),
    ),
    family(
      'request_duration_seconds',
      'summary',
      'Time to the head of the answer of requests that worked.',
      each.flatMap(({ listener, statistics: { latencyMs } }) => [
        [{ listener, quantile: '0.5' }, latencyMs.p50 / 1000],
        [{ listener, quantile: '0.99' }, latencyMs.p99 / 1000],
      ]),
    ),
    family(
      'level',
      'gauge',
      'Index of the level that has the traffic, 0 the best; -1 when every one is out.',
      each.map(({ listener, door }) => [{ listener }, door.manager.level()]),
    ),
    family(
      'held_bytes',
      'gauge',
      'Bytes of bodies that are held so that they can be sent again.',
      each.map(({ listener, door }) => [{ listener }, door.held.bytes]),
    ),
    family(
      'endpoint_up',
      'gauge',
      '1 when the endpoint takes requests.',
      endpoints.map(({ labels, view }) => [labels, UP[view.health]]),
    ),
    family(
      'endpoint_current',
      'gauge',
      '1 when the endpoint stands at the level that has the traffic.',
      endpoints.map(({ labels, view }) => [labels, view.current ? 1 : 0]),
    ),
    family(
      'endpoint_level',
      'gauge',
      'Index of the level at which the endpoint stands.',
      endpoints.map(({ labels, view }) => [labels, view.level]),
    ),
    family(
      'endpoint_in_flight',
      'gauge',
      'Requests without an answer yet.',
      endpoints.map(({ labels, view }) => [labels, view.inFlight]),
    ),
    family(
      'endpoint_requests_total',
      'counter',
      'Tries by how they ended.',
      endpoints.flatMap(({ labels, view: { statistics } }) => [
        [{ ...labels, outcome: 'success' }, statistics.successes],
        ...Object.entries(statistics.failures).map(([outcome, count]): Line => [{ ...labels, outcome }, count]),
      ]),
    ),
    family(
      'endpoint_breaker_open',
      'gauge',
      '1 when the breaker lets nothing through.',
      endpoints.map(({ labels, view }) => [labels, view.breaker === 'open' || view.breaker === 'isolated' ? 1 : 0]),
    ),
  ].join('')
}

function family(name: string, type: 'counter' | 'gauge' | 'summary', help: string, lines: readonly Line[]): string {
  const full = `failoverctl_proxy_${name}`
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.map(([labels, value]) => `${full}${labelText(labels)} ${value}\n`).join('')}`
}
