import type { Listening } from '../../collector/listening.ts'
import { listeningIn } from '../../collector/listening.ts'
import type { Rule } from '../rule.ts'

export const portUsedTwice: Rule = {
  id: 'port-used-twice',
  severity: 'error',
  kind: 'refused',
  title: 'Each listener has a port of its own',
  why: `Two parts of a collector that listen on one port keep it from starting: "address already in use". \`otelcol validate\` opens no port and says nothing
(core 0.161.0; measured). Looked at are OTLP and Zipkin receivers, health_check, pprof, zpages, and the collector's own metrics.`,

  *check(graph) {
    const before: Listening[] = []
    for (const one of listeningIn(graph)) {
      const other = before.find(earlier => clash(earlier, one))
      before.push(one)
      if (!other) continue
      const port = one.hidden || other.hidden ? 'the port' : `port ${one.port}`
      yield { at: one.at, message: `${one.who} listens on ${port} of ${other.who}`, hint: 'Give one of them another port.' }
    }
  },

  bad: [
    `
receivers: { otlp: { protocols: { grpc: , http: { endpoint: «"0.0.0.0:4317"» } } } }
extensions: { health_check: { endpoint: «"127.0.0.1:8888"» } }
service:
  extensions: [health_check]
  pipelines: { traces: { receivers: [otlp], exporters: [otlp] } }
`,
  ],

  good: [
    `
receivers:
  otlp: { protocols: { grpc: , http: } }
  otlp/unused: { protocols: { grpc: } }
  otlp/other: { protocols: { grpc: { endpoint: "10.0.0.1:4319" }, http: { endpoint: "10.0.0.2:4319" } } }
extensions: { health_check: }
service:
  extensions: [health_check]
  pipelines: { traces: { receivers: [otlp, otlp/other], exporters: [otlp] } }
`,
  ],
}

const EVERY = new Set(['0.0.0.0', '::', ''])

function clash(a: Listening, b: Listening): boolean {
  if (a.port !== b.port || a.port === 0) return false
  const [one, other] = [a, b].map(({ host }) => (host === 'localhost' ? '127.0.0.1' : host))
  return one === other || EVERY.has(a.host) || EVERY.has(b.host)
}
