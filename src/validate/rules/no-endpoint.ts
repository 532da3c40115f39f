import { exporterType } from '../../collector/component-types.ts'
import type { Component } from '../../collector/graph.ts'
import { asText } from '../../collector/settings.ts'
import { since } from '../../collector/versions.ts'
import { lookup, type Value } from '../../source/value.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const noEndpoint: Rule = {
  id: 'no-endpoint',
  severity: 'error',
  kind: 'refused',
  title: 'An OTLP exporter has an endpoint with a port',
  why: `The collector does not start with an OTLP exporter that has no endpoint, used or not
(core 0.161.0, otlpexporter/config.go: 'requires a non-empty "endpoint"'; otlphttpexporter/config.go: "at least one endpoint must be specified"), or without a port, since core 0.142.0 (issue 10451).`,

  *check({ components, version }) {
    for (const exporter of components.exporters.values()) {
      const keys = KEYS.get(exporterType(exporter.type))
      const endpoint = lookup(exporter.settings, 'endpoint')
      if (endpoint && keys?.length === 1 && since(version, PORT_NEEDED_SINCE) && lacksPort(endpoint)) {
        yield { at: endpoint.at, message: `the endpoint of ${quote(exporter.id)} has no port`, hint: 'Add it, usually `:4317`.' }
      }
      if (!keys || keys.some(key => mayBeSet(exporter, key))) continue
      yield {
        at: endpoint?.at ?? exporter.at,
        message: `${quote(exporter.id)} has no endpoint`,
        hint: `Write \`endpoint: ${exporterType(exporter.type) === 'otlp_grpc' ? 'backend:4317' : 'http://backend:4318'}\`, with your backend.`,
      }
    }
  },

  bad: [
    'exporters: { otlp/a: { endpoint: «backend» }, otlp/b: { endpoint: «https://backend» } }',
    'exporters: { otlp/a: { endpoint: «""» }, «otlp/b»: , «otlphttp»: { timeout: 5s } }',
  ],

  good: [
    '# collector 0.141\nexporters: { otlp: { endpoint: backend } }',
    `
exporters:
  otlp: { endpoint: "backend:4317" }
  otlphttp: { logs_endpoint: "http://backend:4318/v1/logs" }
  otlp/dns: { endpoint: "dns:///backend:4317" }
  otlp/unix: { endpoint: "unix:///run/otlp" }
  otlp/env: { endpoint: "\${env:NOT_SET_HERE}" }
`,
  ],
}

const KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['otlp_grpc', ['endpoint']],
  ['otlp_http', ['endpoint', 'traces_endpoint', 'metrics_endpoint', 'logs_endpoint', 'profiles_endpoint']],
])

/** core issue 10451. */
const PORT_NEEDED_SINCE = 142

function lacksPort(endpoint: Value): boolean {
  const text = (endpoint.kind === 'scalar' ? asText(endpoint) : endpoint.text) ?? ''
  if ((endpoint.kind === 'scalar' && endpoint.isUnknown) || /^($|unix:)/.test(text)) return false
  return !/:\d+$/.test(text.replace(/^https?:\/\//, '').replace(/^\w+:\/\/[^/]*\//, ''))
}

// A variable that is not set here may be set where the collector runs.
function mayBeSet({ settings }: Component, key: string): boolean {
  const value: Value | undefined = lookup(settings, key)
  if (value?.kind !== 'scalar') return (value?.text ?? '') !== ''
  return value.isUnknown === true || (asText(value) ?? '') !== ''
}
