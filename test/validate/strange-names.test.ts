import { expect, test } from 'vitest'
import { NEWEST } from '../../src/collector/versions.ts'
import { checkConfig } from '../../src/validate/check.ts'
import { fakeHost } from '../fake-host.ts'

// Names that every JavaScript object has: a table that is looked up with them must not find something.
test.each(['constructor', '__proto__', 'toString', 'valueOf', 'hasOwnProperty', 'prototype'])(
  'a component of the type %s is one of an unknown type, and no more',
  async name => {
    const text = `
receivers: { otlp: { protocols: { http: } } }
processors: { ${name}: }
exporters: { ${name}: { endpoint: "a:1" }, ${name}/b: }
extensions: { ${name}: { ${name}: 1 } }
connectors: { failover: { priority_levels: [[traces/a], [traces/b]], retry_interval: 30s } }
service:
  extensions: [${name}]
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/a: { receivers: [failover], processors: [${name}], exporters: [${name}] }
    traces/b: { receivers: [failover], exporters: [${name}/b] }
`
    const { findings } = await checkConfig(['a.yaml'], NEWEST, fakeHost({ files: { 'a.yaml': text } }))
    expect(findings.filter(({ severity, rule }) => severity !== 'info' && rule !== 'invalid-name')).toEqual([])
  },
)
