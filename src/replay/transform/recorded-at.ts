import { MalformedPayload } from '../../otlp/contents.ts'
import { transcode } from '../../otlp/transcode.ts'
import type { Line } from '../backup.ts'

/** Any of the times of an item; zero is no time. */
const TIME = Buffer.from('imeUnixNano":"')
const ZERO = 0x30

/** The first time in a line, in milliseconds since 1970, found without parsing; undefined where there is none. */
export function recordedAtMs(line: Pick<Line, 'signal' | 'encoding' | 'bytes'>): number | undefined {
  const text = jsonOf(line)
  if (!text) return undefined
  for (let at = text.indexOf(TIME); at >= 0; at = text.indexOf(TIME, at + TIME.length)) {
    const start = at + TIME.length
    if (text[start] === ZERO) continue
    const nanos = Number(text.toString('latin1', start, text.indexOf('"', start)))
    if (nanos > 0) return nanos / 1e6
  }
  return undefined
}

function jsonOf({ signal, encoding, bytes }: Pick<Line, 'signal' | 'encoding' | 'bytes'>): Buffer | undefined {
  try {
    const json = encoding === 'json' ? bytes : transcode({ signal, encoding, body: bytes }, 'json').body
    return Buffer.from(json.buffer, json.byteOffset, json.byteLength)
  } catch (error) {
    if (error instanceof MalformedPayload) return undefined
    throw error
  }
}
