import { expect, test } from 'vitest'
import { NEWEST } from '../../src/collector/versions.ts'
import { plainPainter } from '../../src/core/paint.ts'
import { findingsText } from '../../src/formats/findings-text.ts'
import { checkConfig } from '../../src/validate/check.ts'
import { fakeHost } from '../fake-host.ts'

// The rule points at a secret, and the line that is shown with it must not give it away.
test.each([
  'headers: { authorization: "Bearer hunter2" }',
  'headers: { x-api-key: hunter2 }',
  'headers: [{ name: x-api-key, value: hunter2 }]',
  'headers: [{ "name": "x-token", "value": "hunter2" }]',
  'auth: { sasl: { password: hunter2 } }',
  'awsmsk: { access_key: hunter2 }',
  'tls: { key_pem: "hunter2" }',
  'endpoint: "https://user:hunter2@otlp.example.com"',
])('%s', async setting => {
  const text = `exporters:\n  kafka: { ${setting} }\nservice: { pipelines: { logs: { receivers: [otlp], exporters: [kafka] } } }\n`
  const { findings, texts } = await checkConfig(['a.yaml'], NEWEST, fakeHost({ files: { 'a.yaml': text } }))
  expect(findings.filter(({ rule }) => rule === 'secret-in-clear')).toHaveLength(1)
  expect(findingsText({ findings, texts, paint: plainPainter })).not.toContain('hunter2')
})
