import { wireFields } from '../core/protobuf-wire.ts'
import { cleaned } from './server-words.ts'

interface PartialSuccess {
  readonly rejected: number
  readonly message?: string
}

const NOTHING: PartialSuccess = { rejected: 0 }
const OPEN_OBJECT = 0x7b

/**
 * What the body of a successful answer says: how many items were rejected, and why, or with none rejected a warning.
 * A body that is no OTLP response says nothing: that the data was taken is in the status.
 */
export function partialSuccess(body: Uint8Array, secrets: Readonly<Record<string, string>>): PartialSuccess {
  if (body.length <= 2) return NOTHING
  const [rejected, message] = body[0] === OPEN_OBJECT ? fromJson(body) : fromProtobuf(body)
  const words = cleaned(message, secrets)
  if (rejected === 0 && words === '') return NOTHING
  return { rejected, ...(words === '' ? {} : { message: words }) }
}

const decoder = new TextDecoder()

// 64-bit numbers are text in OTLP/JSON, and some servers send numbers.
function fromJson(body: Uint8Array): [rejected: number, message: string] {
  try {
    const { partialSuccess: partial } = JSON.parse(decoder.decode(body)) as { partialSuccess?: Record<string, unknown> }
    const rejected = partial?.rejectedSpans ?? partial?.rejectedDataPoints ?? partial?.rejectedLogRecords
    return [counted(Number(rejected ?? 0)), typeof partial?.errorMessage === 'string' ? partial.errorMessage : '']
  } catch {
    return [0, '']
  }
}

/** partial_success is field 1 of the three responses, and has rejected_<items> 1 and error_message 2. */
function fromProtobuf(body: Uint8Array): [rejected: number, message: string] {
  let [rejected, message] = [0, '']
  for (const { number, value: partial } of wireFields(body)) {
    if (number !== 1 || typeof partial === 'number') continue
    for (const { number: field, value } of wireFields(partial)) {
      if (field === 1 && typeof value === 'number') rejected = counted(value)
      if (field === 2 && typeof value !== 'number') message = decoder.decode(value)
    }
  }
  return [rejected, message]
}

const counted = (value: number): number => (Number.isSafeInteger(value) && value > 0 ? value : 0)
