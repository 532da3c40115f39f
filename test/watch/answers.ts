import { readFileSync } from 'node:fs'
import type { GetRequest, HttpReply } from '../../src/core/host.ts'

export const metricsOf = (name: string): string =>
  readFileSync(new URL(`../../fixtures/metrics/${name}.txt`, import.meta.url), 'utf8')

export const answer = (body: string, status = 200, headers: Readonly<Record<string, string>> = {}): HttpReply => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'text/plain; version=0.0.4', ...headers },
  body: new TextEncoder().encode(body),
})

/** By address; several answers to one address are given one after the other, the last for ever. */
export function answering(replies: Readonly<Record<string, HttpReply | readonly HttpReply[]>>) {
  const turns = new Map<string, number>()
  return {
    get: async ({ url }: GetRequest): Promise<HttpReply> => {
      const all = [replies[url] ?? { kind: 'not-sent' as const, reason: 'no connection', problem: 'refused' as const }].flat()
      const turn = turns.get(url) ?? 0
      turns.set(url, turn + 1)
      return all[Math.min(turn, all.length - 1)] as HttpReply
    },
  }
}

export const CONFIG = `
receivers: { otlp: { protocols: { http: } } }
exporters: { otlp/primary: { endpoint: a:1 }, otlp/secondary: { endpoint: b:1 } }
connectors: { failover: { priority_levels: [[traces/primary], [traces/secondary]] } }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [failover] }
    traces/primary: { receivers: [failover], exporters: [otlp/primary] }
    traces/secondary: { receivers: [failover], exporters: [otlp/secondary] }
`
