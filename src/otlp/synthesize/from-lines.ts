import { FailoverctlError } from '../../core/errors.ts'
import { readItems } from '../encodings.ts'
import type { Payload } from '../payload.ts'
import type { Encoding, Signal } from '../signal.ts'
import { transcode } from '../transcode.ts'
import { EXPECTED, explained, fromTemplate, readRequest } from './from-template.ts'
import type { Marks, Outgoing, Source } from './source.ts'

/** All of it is kept in memory, and for what is larger there is `replay`. */
const MOST_BYTES = 64 * 1024 * 1024

export interface Line {
  /** `file:12` */
  readonly name: string
  readonly signal: Signal
  readonly body: Uint8Array
}

/**
 * Sends lines of one signal, in the encoding wanted; `loop` begins again at the end. Ids and times stay as they are, unless
 * there are `marks` to put in their place.
 */
export function fromLines(lines: readonly Line[], signal: Signal, loop: boolean, encoding: Encoding, marks?: Marks): Source {
  const own = lines.filter(line => line.signal === signal)
  return inTurn(signal, own, loop, marks ? renewed(marks) : kept(encoding))
}

/** One line after the other. Each is looked at when its turn comes, so that a file with many takes no more memory than its bytes. */
function inTurn(signal: Signal, lines: readonly Line[], loop: boolean, request: Make): Source {
  let turn = 0
  return {
    signal,
    next(first, _, epochMs) {
      const line = loop || turn < lines.length ? lines[turn++ % lines.length] : undefined
      return line && request(line, first, epochMs)
    },
  }
}

type Make = (line: Line, first: number, epochMs: number) => Outgoing | undefined

/** The bytes as they are, in the encoding wanted. */
const kept =
  (encoding: Encoding): Make =>
  ({ signal, body }) => {
    const payload = transcode({ signal, encoding: 'json', body }, encoding)
    return { payload, items: readItems(payload).length, settled: () => {} }
  }

/** The request with new ids and times. */
const renewed =
  (marks: Marks): Make =>
  ({ name, body }, first, epochMs) =>
    fromTemplate(name, body, marks).next(first, 1, epochMs)

const countItems = (name: string, payload: Payload): number => explained(name, () => readItems(payload).length)

/** The requests in a file of OTLP/JSON lines. Throws `not-otlp` with the line, `too-large` or `empty-file`. */
export function readLines(file: string, bytes: Uint8Array): Line[] {
  if (bytes.length > MOST_BYTES) {
    throw new FailoverctlError('too-large', `${file}: is over 64 MiB`, 'failoverctl replay sends files of any size.')
  }
  const lines: Line[] = []
  let number = 0
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(10, at)
    const end = newline < 0 ? bytes.length : newline
    const body = bytes.subarray(at, end)
    const name = `${file}:${++number}`
    at = end + 1
    if (!body.some(byte => byte > 32)) continue
    const { signal } = readRequest(name, body)
    // An empty request is no request: OTLP has senders not send it.
    if (countItems(name, { signal, encoding: 'json', body }) > 0) lines.push({ name, body, signal })
  }
  if (lines.length === 0) throw new FailoverctlError('empty-file', `${file}: there is nothing in it to send`, EXPECTED)
  return lines
}
