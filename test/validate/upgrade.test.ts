import { expect, test } from 'vitest'
import { readGraph } from '../../src/collector/read-graph.ts'
import { parseVersion, type Version } from '../../src/collector/versions.ts'
import { readYaml } from '../../src/source/read-yaml.ts'
import type { MapValue } from '../../src/source/value.ts'
import { upgradeFindings } from '../../src/validate/upgrade.ts'

const OLD = `
receivers: { otlp: { protocols: { grpc: , http: { endpoint: "0.0.0.0:4318" } } } }
exporters:
  otlp: { endpoint: backend, retry_on_failure: { enabled: false, max_elapsed_time: 1s } }
  kafka: { topic: spans }
connectors:
  failover: { priority_levels: [[traces/a], [traces/b]], max_retries: 0, condition: { error: { contains: Unavailable } } }
service:
  telemetry: { metrics: { address: "localhost:8888" } }
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/a: { receivers: [failover], exporters: [otlp] }
    traces/b: { receivers: [failover], exporters: [kafka] }
`
function told(from: string, to: string): string[] {
  const graph = readGraph(readYaml('c.yaml', OLD) as MapValue)
  const findings = upgradeFindings(graph, { from: parseVersion(from) as Version, to: parseVersion(to) as Version })
  return findings.map(({ message, rule, severity, at }) => `${/from (\S+) on/.exec(message)?.[1]} ${severity} ${rule} ${at.line}`)
}

test('each change is told once, with the release at which it begins', () => {
  expect(told('0.97', '0.163').sort()).toEqual([
    '0.104 warning upgrade 2',
    '0.111 warning deprecated-setting 9',
    '0.121 info upgrade 7',
    '0.121 warning deprecated-setting 7',
    '0.128 error removed-setting 9',
    '0.136 info connector-answers-early 7',
    '0.142 error no-endpoint 4',
    '0.144 info deprecated-setting 4',
    '0.148 error upgrade 5',
    '0.156 error retry-times-contradict 4',
    '0.157 error removed-setting 7',
    '0.163 error upgrade 7',
    '0.98 info upgrade 7',
  ])
})

test('only what lies between the two', () => {
  expect(told('0.156', '0.157')).toEqual(['0.157 error removed-setting 7'])
  expect(told('0.157', '0.158')).toEqual([])
})
