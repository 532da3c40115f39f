import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ALERT_RULES } from '../../src/alerts/rules/index.ts'
import { main } from '../../src/cli/main.ts'
import { fakeHost } from '../fake-host.ts'
import { complaint, hasPromtool } from './promtool.ts'

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}.yaml`, import.meta.url), 'utf8')

/** Every signal, three levels with a file that rotates, an exporter outside of all levels, and queues. */
const WHOLE = `
receivers: { otlp: { protocols: { http: } } }
exporters:
  otlp_http/a: { endpoint: "http://a:1", sending_queue: { enabled: false } }
  otlp_http/b: { endpoint: "http://b:1", sending_queue: { enabled: false } }
  file/c: { path: /var/c.jsonl, rotation: { max_megabytes: 10, max_backups: 3 } }
  otlp_grpc/apart: { endpoint: "d:1" }
connectors:
  failover/traces: { priority_levels: [[traces/a], [traces/b], [traces/c]], retry_interval: 30s }
  failover/logs: { priority_levels: [[logs/a], [logs/c]] }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover/traces] }
    traces/a: { receivers: [failover/traces], exporters: [otlp_http/a] }
    traces/b: { receivers: [failover/traces], exporters: [otlp_http/b] }
    traces/c: { receivers: [failover/traces], exporters: [file/c] }
    logs: { receivers: [otlp], exporters: [failover/logs] }
    logs/a: { receivers: [failover/logs], exporters: [otlp_http/a] }
    logs/c: { receivers: [failover/logs], exporters: [file/c] }
    metrics: { receivers: [otlp], exporters: [otlp_grpc/apart] }
`
const SUFFIXED = `${WHOLE}
  telemetry: { metrics: { readers: [{ pull: { exporter: { prometheus: { port: 8888, without_type_suffix: false } } } }] } }
`
const STATED = `${WHOLE}
  telemetry: { metrics: { readers: [{ pull: { exporter: { prometheus: { port: 8888 } } } }] } }
`

async function alerts(config: string, ...argv: string[]) {
  const host = fakeHost({ files: { 'config.yaml': config } })
  const exit = await main(['alerts', 'config.yaml', ...argv], host)
  return { exit, out: host.out, err: host.err, read: (path: string) => new TextDecoder().decode(host.contents.get(path)) }
}

interface Rules {
  readonly groups: readonly { readonly rules: readonly { alert: string; expr: string; labels: Record<string, string> }[] }[]
}
const rulesOf = (text: string) => (parse(text) as Rules).groups.flatMap(({ rules }) => rules)
const expressions = (text: string) =>
  rulesOf(text)
    .map(({ expr }) => expr)
    .join('\n')

test('every file of a rule is in the list, under its name', () => {
  const files = readdirSync(new URL('../../src/alerts/rules', import.meta.url)).filter(file => file !== 'index.ts')
  expect(ALERT_RULES.map(({ id }) => `${id}.ts`).sort()).toEqual(files.sort())
})

describe.skipIf(!hasPromtool)(
  'promtool (of the package prometheus) takes the rules, and their own tests pass',
  { timeout: 90_000 },
  () => {
    const cases: [what: string, config: string, argv: string[]][] = [
      ['the proof of concept', fixture('poc/main'), []],
      ['a large gateway', fixture('realistic/gateway'), []],
      ['a file as backup, in the form of old releases', fixture('seeds/backup-to-file'), ['--collector-version', '0.120']],
      ['three levels', fixture('seeds/three-levels'), []],
      ['every rule', WHOLE, []],
      ['no gauge', WHOLE, ['--collector-version', '0.150']],
      ['the level by failoverctl watch', WHOLE, ['--level-from', 'watch']],
      ['counters with _total', SUFFIXED, []],
      ['either spelling', STATED, ['--collector-version', '0.130']],
      [
        'a job, more labels, a runbook',
        WHOLE,
        ['--job', 'otel', '--by', 'namespace,pod', '--runbook-url', 'https://w/{alert}', '--label', 'team=o11y'],
      ],
      ['pods', WHOLE, ['--kubernetes', '-n', 'obs', '--container', 'otc']],
      ['a probe of the backend', WHOLE, ['--backend-up', 'otlp_http/a=probe_success{instance="a"} == 1', '--queue-full', '50%']],
    ]
    test.each(cases)('%s', async (_, config, argv) => {
      const run = await alerts(config, ...argv, '-o', 'rules.yaml', '--tests', 'rules.test.yaml')
      expect(run).toMatchObject({ exit: 0, out: '' })
      expect(complaint(run.read('rules.yaml'), run.read('rules.test.yaml'))).toBeUndefined()
    })
    test('a rule that is wrong is found by its tests', async () => {
      const run = await alerts(WHOLE, '-o', 'rules.yaml', '--tests', 'rules.test.yaml')
      const rules = run.read('rules.yaml').replaceAll('failover_active_level', 'failover_current_level')
      expect(complaint(rules, run.read('rules.test.yaml'))).toMatch(/CollectorFailedOver/)
    })
  },
)

test('every rule makes an alert of the config that has everything, and every alert has a test that fires and one that does not', async () => {
  const run = await alerts(WHOLE, '-o', 'rules.yaml', '--tests', 'rules.test.yaml')
  const names = new Set(rulesOf(run.read('rules.yaml')).map(({ alert }) => alert))
  expect([...names].sort()).toEqual([
    'CollectorAllLevelsFailed',
    'CollectorBackupGrowing',
    'CollectorBackupNearLimit',
    'CollectorCrashLoop',
    'CollectorDoesNotRecover',
    'CollectorExportFailing',
    'CollectorFailedOver',
    'CollectorGone',
    'CollectorQueueNearFull',
    'CollectorReceiverRefusing',
    'CollectorsAllGone',
  ])
  const { tests } = parse(run.read('rules.test.yaml')) as {
    tests: { alert_rule_test: [{ alertname: string; exp_alerts: unknown[] }] }[]
  }
  for (const name of names) {
    const fires = tests.flatMap(({ alert_rule_test: [one] }) => (one.alertname === name ? [one.exp_alerts.length > 0] : []))
    expect({ name, fires: [...new Set(fires)].sort() }).toEqual({ name, fires: [false, true] })
  }
})

describe('names follow config and version', () => {
  const cases: [what: string, config: string, argv: string[], has: string, hasNot: string][] = [
    ['newest', WHOLE, [], 'otelcol_connector_failover_active_level{connector="failover/traces"}', '_total'],
    [
      'no gauge yet',
      WHOLE,
      ['--collector-version', '0.150'],
      'otelcol_exporter_sent_spans{exporter=~"otlp_http/b|file/c"}',
      'active_level',
    ],
    [
      'with the suffix, as the config says',
      SUFFIXED,
      [],
      'otelcol_exporter_send_failed_spans_total{',
      'otelcol_exporter_send_failed_spans{',
    ],
    [
      'a release of which nobody knows',
      STATED,
      ['--collector-version', '0.130'],
      '{__name__=~"otelcol_exporter_send_failed_spans(_total)?", ',
      'send_failed_spans{',
    ],
    [
      'a release of which it was measured',
      STATED,
      ['--collector-version', '0.161'],
      'otelcol_exporter_send_failed_spans{',
      '_total',
    ],
    ['a job', WHOLE, ['--job', 'otel'], 'up{job="otel"}', 'otelcol_process_uptime[15m]'],
  ]
  test.each(cases)('%s', async (_, config, argv, has, hasNot) => {
    const exprs = expressions((await alerts(config, ...argv)).out)
    expect(exprs).toContain(has)
    expect(exprs).not.toContain(hasNot)
  })
})

test('without a gauge, a connector whose lower levels serve others gets no alert that would lie, and it is said', async () => {
  const shared = WHOLE.replace('exporters: [otlp_grpc/apart]', 'exporters: [otlp_http/b]').replaceAll('metrics:', 'traces/other:')
  const config = shared.replace('[traces/a], [traces/b], [traces/c]', '[traces/a], [traces/b]')
  const { out, err } = await alerts(config, '--collector-version', '0.150', '--only', 'failed-over')
  expect(rulesOf(out).map(({ labels }) => labels.connector)).toEqual(['failover/logs'])
  expect(err).toMatch(/no CollectorFailedOver for failover\/traces/)
})

test('a failover that cannot happen is told: its alert would be quiet for ever', async () => {
  expect((await alerts(WHOLE)).err).toMatch(
    /^CollectorFailedOver may never fire: config\.yaml:\d+: .*; see failoverctl validate\n$/,
  )
  expect((await alerts(fixture('poc/main'))).err).toBe('')
})

test('the resource of the Prometheus operator holds the same rules', async () => {
  const plain = rulesOf((await alerts(WHOLE)).out)
  const resource = parse((await alerts(WHOLE, '--format', 'prometheusrule', '-n', 'obs', '--metadata-label', 'release=prom')).out)
  expect(resource).toMatchObject({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'otel-collector-failover', namespace: 'obs', labels: { release: 'prom' } },
    spec: { groups: [{ name: 'failoverctl', rules: plain }] },
  })
})

test('runbooks and labels are on every alert', async () => {
  for (const [url, expected] of [
    ['https://w/r', 'https://w/r/CollectorGone'],
    ['https://w/r#', 'https://w/r#CollectorGone'],
    ['https://w/{alert}.md', 'https://w/CollectorGone.md'],
  ] as const) {
    const { out } = await alerts(WHOLE, '--runbook-url', url, '--label', 'team=x', '--only', 'collector-gone')
    expect(rulesOf(out)[0]).toMatchObject({ labels: { team: 'x' }, annotations: { runbook_url: expected } })
  }
})

describe('bad input', () => {
  const cases: [argv: string[], config: string, exit: number, says: RegExp][] = [
    [['--tests', 'a'], WHOLE, 2, /--tests without a rules file/],
    [['--tests', 'a', '-o', 'b', '-f', 'prometheusrule'], WHOLE, 2, /--tests without a rules file/],
    [['--only', 'faled-over'], WHOLE, 2, /no alert rule faled-over\nDid you mean failed-over\?/],
    [['--queue-full', '120%'], WHOLE, 2, /Expected a share/],
    [['--label', 'x'], WHOLE, 2, /Expected name=value/],
    [[], 'a: 1', 3, /no pipelines to make alerts for/],
    [[], '', 3, /config\.yaml/],
  ]
  test.each(cases)('%j', async (argv, config, exit, says) => {
    const run = await alerts(config, ...argv)
    expect(run).toMatchObject({ exit, out: '' })
    expect(run.err).toMatch(says)
  })
})
