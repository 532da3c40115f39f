import { parseEndpoint } from '../../collector/endpoint.ts'
import type { Component } from '../../collector/graph.ts'
import { asText, settingsOf } from '../../collector/settings.ts'
import { type At, lookup } from '../../source/value.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const insecurePublic: Rule = {
  id: 'insecure-public',
  severity: 'warning',
  kind: 'advice',
  title: 'Telemetry leaves the private network encrypted',
  why: `\`tls: {insecure: true}\` and \`http://\` send telemetry and its headers, tokens included, in clear text; \`insecure_skip_verify\` encrypts for whoever
answers (core 0.161.0, config/configtls). Between pods or on one machine that can be meant, across the internet it is not. Addresses that are private,
loopback, a single word, or under .local, .internal, .svc, .lan and the like count as private.`,

  *check({ components }) {
    for (const exporter of components.exporters.values()) {
      const endpoint = lookup(exporter.settings, 'endpoint')
      const text = asText(endpoint)
      // A host that comes from the environment is not known here, and not shown.
      if (endpoint?.kind !== 'scalar' || endpoint.fromEnvironment || !text || !isPublic(text)) continue
      const found = insecureAt(exporter, text, endpoint.at)
      if (found) yield { at: found.at, message: `${quote(exporter.id)} ${found.what} to a public address`, hint: found.hint }
    }
  },

  bad: [
    `
exporters:
  otlp/a: { endpoint: "otlp.example.com:4317", tls: { insecure: «true» } }
  otlphttp/b: { endpoint: «"http://otlp.example.com:4318"» }
  otlp/c: { endpoint: "203.0.113.7:4317", tls: { insecure_skip_verify: «true» } }
`,
  ],

  good: [
    `
exporters:
  otlp/tls: { endpoint: "otlp.example.com:4317" }
  otlphttp/tls: { endpoint: "https://otlp.example.com" }
  otlp/a: { endpoint: "backend:4317", tls: { insecure: true } }
  otlp/b: { endpoint: "10.1.2.3:4317", tls: { insecure: true } }
  otlp/c: { endpoint: "[::1]:4317", tls: { insecure: true } }
  otlp/g: { endpoint: "gateway.observability:4317", tls: { insecure: true } }
  otlphttp/d: { endpoint: "http://backend.observability.svc:4318" }
  otlp/e: { endpoint: "\${env:HOST:-otlp.example.com:4317}", tls: { insecure: true } }
`,
  ],
}

const PRIVATE_NAME =
  /(^[^.]+$|\.(local|localhost|internal|intranet|svc|lan|home|corp|private|test|home\.arpa|svc\.[\w.-]+|cluster\.local)\.?$)/i
const PRIVATE_ADDRESS =
  /^(0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|::$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/i

// `service.namespace` in Kubernetes: hardly a backend is called by a bare domain, and no usual one ends like this.
const IN_NAMESPACE = /^[a-z][\w-]*\.(?!(?:[a-z]{2,3}|info|cloud|tech|host|site|online)$)[a-z][a-z0-9-]*$/i

function isPublic(text: string): boolean {
  if (text.includes('${') || text.startsWith('unix:')) return false
  const host = parseEndpoint(text, 4317)?.host
  if (!host || IN_NAMESPACE.test(host)) return false
  return !PRIVATE_ADDRESS.test(host) && (host.includes(':') || !PRIVATE_NAME.test(host))
}

function insecureAt(exporter: Component, endpoint: string, at: At): { at: At; what: string; hint: string } | undefined {
  const settings = settingsOf(exporter)
  const [insecure, unverified] = [settings.boolean('tls.insecure', false), settings.boolean('tls.insecure_skip_verify', false)]
  const clear = { what: 'sends in clear text', hint: 'Remove `insecure`, and use the TLS port.' }
  if (/^http:/i.test(endpoint)) return { ...clear, at, hint: 'Write `https://`, and the TLS port.' }
  if (insecure.value && !/^https:/i.test(endpoint)) return { ...clear, at: insecure.at }
  if (!unverified.value) return undefined
  return { at: unverified.at, what: 'trusts any certificate', hint: 'Remove it, and name the CA in `tls: {ca_file: …}`.' }
}
