import { FailoverctlError } from '../../core/errors.ts'
import type { Host, HttpReply } from '../../core/host.ts'
import { where } from '../../experiment/place.ts'
import type { WishedProbe } from '../../experiment/probe-wish.ts'
import { unitOf } from '../../experiment/tolerance.ts'
import { redactUrl } from '../../otlp/destination.ts'
import type { MakeProbe, Probe } from './probe.ts'

/** What an address answers: its status; its body where text, `regex` or `jsonpath` is expected; its time where that is. */
export const http: MakeProbe = (wished, { host }) => httpProbe(wished, wished.settings.url ?? '', host)

export function httpProbe(wished: WishedProbe, url: string, host: Pick<Host, 'clock' | 'network' | 'env'>): Probe {
  const { method = 'GET', body } = wished.settings
  const headers = headersOf(wished, host)
  const unit = unitOf(wished.tolerance)
  const about = `${method} ${redactUrl(url)}`
  return {
    about: unit === 'seconds' ? `time of ${about}` : unit === 'text' ? `answer of ${about}` : `status of ${about}`,
    evidence: about,
    async look(_, signal) {
      const begun = host.clock.now()
      const reply = await host.network.request({
        method,
        url,
        headers,
        ...(body !== undefined && { body: new TextEncoder().encode(body) }),
        timeoutMs: wished.timeoutMs,
        signal,
      })
      if (reply.kind !== 'answer') return { failed: noAnswer(reply) }
      if (unit === 'plain') return { found: reply.status }
      if (reply.status >= 400) return { failed: `status ${reply.status}` }
      return { found: unit === 'seconds' ? (host.clock.now() - begun) / 1000 : new TextDecoder().decode(reply.body) }
    },
  }
}

export const noAnswer = (reply: Exclude<HttpReply, { kind: 'answer' }>): string => `no answer: ${reply.reason}`

/** Values that name a variable of the environment take it from there, so that no file holds a secret. */
export function headersOf({ settings, at }: WishedProbe, { env }: Pick<Host, 'env'>): Record<string, string> {
  const filled = (text: string) =>
    text.replace(/\$\{env:(\w+)\}/g, (_, name: string) => {
      const value = env[name]
      if (value !== undefined) return value
      throw new FailoverctlError('bad-experiment', `${where(at)}: the environment has no ${name}`, 'Set it for this run.')
    })
  return Object.fromEntries(Object.entries(settings.headers ?? {}).map(([name, value]) => [name, filled(String(value))]))
}
