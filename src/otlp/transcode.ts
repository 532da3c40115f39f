import type { Threads, Transcoded, TranscodeJob } from '../core/threads.ts'
import { MalformedPayload } from './contents.ts'
import { REQUESTS } from './messages.ts'
import type { Payload } from './payload.ts'
import type { Encoding } from './signal.ts'
import { protobufToJson } from './transcode/to-json.ts'
import { jsonToProtobuf } from './transcode/to-protobuf.ts'

/** In a request that was joined of several, where the resources of each lie. */
type Resources = TranscodeJob['resources']

/** The same request in the encoding wanted. Throws MalformedPayload where it is none of its signal. */
export function transcode(payload: Payload, encoding: Encoding, resources?: Resources): Payload {
  const { signal, body } = payload
  if (payload.encoding === encoding) return payload
  const type = REQUESTS[signal]
  return { signal, encoding, body: encoding === 'protobuf' ? jsonToProtobuf(type, body, resources) : protobufToJson(type, body) }
}

/** The same in another thread. */
export async function transcodeIn(
  { transcode }: Pick<Threads, 'transcode'>,
  { signal, encoding: from, body }: Payload,
  to: Encoding,
  resources?: Resources,
): Promise<Payload> {
  const answer = await transcode({ signal, from, to, body, ...(resources ? { resources } : {}) })
  if (answer.kind === 'malformed') throw new MalformedPayload(answer.reason)
  return { signal, encoding: to, body: answer.body }
}

/** What a thread does: the error that says that a body is none is data there. */
export function transcoded({ signal, from, to, body, resources }: TranscodeJob): Transcoded {
  try {
    return { kind: 'done', body: transcode({ signal, encoding: from, body }, to, resources).body }
  } catch (error) {
    if (error instanceof MalformedPayload) return { kind: 'malformed', reason: error.message }
    throw error
  }
}
