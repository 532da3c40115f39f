import { tolerates } from '../../experiment/tolerance.ts'
import { redactUrl } from '../../otlp/destination.ts'
import { headersOf, noAnswer } from './http.ts'
import type { MakeProbe, Seen } from './probe.ts'

/** An instant query to a Prometheus (`/api/v1/query`). Of several series, one outside of the tolerance counts. */
export const promql: MakeProbe = (wished, { host }) => {
  const { url = '', query = '' } = wished.settings
  const headers = { ...headersOf(wished, host), 'content-type': 'application/x-www-form-urlencoded' }
  return {
    about: query,
    evidence: `${redactUrl(url)} ${query}`,
    async look(_, signal) {
      const reply = await host.network.request({
        method: 'POST',
        url: `${url.replace(/\/+$/, '')}/api/v1/query`,
        headers,
        body: new TextEncoder().encode(new URLSearchParams({ query }).toString()),
        timeoutMs: wished.timeoutMs,
        signal,
      })
      // Prometheus is not what is under test: without its answer, nothing is known.
      if (reply.kind !== 'answer') return { missing: noAnswer(reply) }
      return answerIn(new TextDecoder().decode(reply.body), reply.status, value => tolerates(wished.tolerance, value))
    },
  }
}

interface Answer {
  readonly status?: string
  readonly error?: string
  readonly data?: { readonly resultType?: string; readonly result?: unknown }
}

function answerIn(text: string, status: number, holds: (value: number) => boolean): Seen {
  const answer = parsed(text)
  if (!answer) return { missing: `status ${status}, and no answer of a Prometheus` }
  if (answer.status !== 'success') return { missing: answer.error ?? `status ${status}` }
  const { resultType, result } = answer.data ?? {}
  const points: unknown[] =
    resultType === 'vector' ? (result as { value: unknown }[]).map(({ value }) => value) : resultType === 'scalar' ? [result] : []
  const values = points.map(point => Number((point as [number, string])[1].replace('Inf', 'Infinity')))
  if (values.length === 0) return { missing: resultType === 'vector' ? 'no series' : `a ${resultType}, expected numbers` }
  return { found: values.find(value => !holds(value)) ?? (values[0] as number) }
}

function parsed(text: string): Answer | undefined {
  try {
    const answer = JSON.parse(text) as Answer | null
    return typeof answer === 'object' && answer !== null ? answer : undefined
  } catch {
    return undefined
  }
}
