import type { Component, Graph, Reference } from '../../collector/graph.ts'
import { referenceOf } from '../../collector/sending.ts'
import { nearest } from '../../core/nearest.ts'
import { lookup } from '../../source/value.ts'
import type { Rule } from '../rule.ts'
import { quote } from '../words.ts'

export const authNotEnabled: Rule = {
  id: 'auth-not-enabled',
  severity: 'error',
  kind: 'refused',
  title: 'The extension that authenticates is configured and switched on',
  why: `An extension runs only when service.extensions lists it. \`otelcol validate\` does not look for an authenticator; the collector fails at start: "failed to
resolve authenticator" (core 0.161.0, config/configauth; measured: validate accepts it).`,

  *check(graph) {
    for (const { component, authenticator } of authenticatorsIn(graph)) {
      const name = quote(authenticator)
      const isThere = graph.components.extensions.has(authenticator.id)
      if (isThere && graph.extensions.some(({ id }) => id === authenticator.id)) continue
      const meant = isThere ? undefined : nearest(authenticator.id, graph.components.extensions.keys())
      const configure = 'Configure it under `extensions`, and list it in `service.extensions`.'
      yield {
        at: authenticator.at,
        message: `${quote(component.id)} authenticates with ${name}, which is not ${isThere ? 'switched on' : 'configured'}`,
        hint: isThere ? `Add ${name} to \`service.extensions\`.` : meant ? `Did you mean ${quote(meant)}?` : configure,
      }
    }
  },

  bad: [
    `
receivers: { otlp: { protocols: { http: { auth: { authenticator: «oidc» } } } } }
exporters: { otlp: { auth: { authenticator: «basicauth/clint» } } }
extensions: { oidc: , basicauth/client: }
service:
  extensions: [basicauth/client]
  pipelines: { traces: { receivers: [otlp], exporters: [otlp] } }
`,
  ],

  good: [
    `
receivers: { otlp: { protocols: { http: } } }
exporters: { otlp: { auth: { authenticator: basicauth } }, otlp/unused: { auth: { authenticator: nowhere } } }
extensions: { basicauth: }
service:
  extensions: [basicauth]
  pipelines: { traces: { receivers: [otlp], exporters: [otlp] } }
`,
  ],
}

const PLACES = [['auth'], ['protocols', 'grpc', 'auth'], ['protocols', 'http', 'auth']]

// A component that no pipeline uses is never started.
function* authenticatorsIn({ components, pipelines }: Graph): Generator<{ component: Component; authenticator: Reference }> {
  const used = new Set(
    [...pipelines.values()].flatMap(({ receivers, exporters }) => [...receivers, ...exporters].map(({ id }) => id)),
  )
  for (const component of [...components.receivers.values(), ...components.exporters.values()]) {
    if (!used.has(component.id)) continue
    for (const place of PLACES) {
      const authenticator = referenceOf(lookup(component.settings, ...place, 'authenticator'))
      if (authenticator) yield { component, authenticator }
    }
  }
}
