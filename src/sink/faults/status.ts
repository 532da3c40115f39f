import { statusOfCode } from '../../core/answer-status.ts'
import { GRPC, grpcCodeName } from '../../core/grpc.ts'
import type { Answer } from '../arrival.ts'
import type { FaultKind } from './fault.ts'
import { durationOf, wrongSetting } from './read-setting.ts'

const CODES = new Map<string, number>(Object.entries(GRPC))

/** An answer that is none to be happy with: overload, bad credentials, a broken proxy. */
export const status = {
  kind: 'status',
  usage: 'status=503,retry-after=2s or status=UNAVAILABLE',
  what: 'answer with an HTTP status or a gRPC code, and perhaps when to come back',
  read(value = '', options) {
    const answer = answerOf(value)
    const retryAfter = options.take('retry-after')
    const told: Answer = {
      ...answer,
      message: options.take('message') ?? `asked to answer ${value}`,
      ...(retryAfter === undefined ? {} : { retryAfterMs: durationOf('retry-after', retryAfter) }),
    }
    return { delays: true, wrap: () => async () => told }
  },
} satisfies FaultKind

/** What answering with this number or gRPC name is. */
function answerOf(value: string): Answer {
  const code = CODES.get(value.toUpperCase())
  if (code !== undefined && code !== GRPC.OK) return { status: statusOfCode(code), code }
  const number = /^\d{3}$/.test(value) ? Number(value) : 0
  if (number < 300 || number > 599) {
    const example = `a status from 300 to 599, or ${grpcCodeName(GRPC.UNAVAILABLE)} or another code of gRPC`
    throw wrongSetting('status', value, example)
  }
  return { status: number }
}
