import { FailoverctlError } from '../../core/errors.ts'
import { MalformedPayload } from '../contents.ts'
import { FIELDS, type Fields, list, parseRequest } from '../json.ts'
import type { Signal } from '../signal.ts'
import { Buffers } from './buffers.ts'
import { type FilledIn, fillIn } from './fill-in.ts'
import type { Marks, Source } from './source.ts'
import { encode, filled } from './synthetic.ts'
import { Template } from './template.ts'

/** A request of the user's, which `file` holds as OTLP/JSON, sent again and again; as many copies in one as are wanted, at least one. */
export function fromTemplate(file: string, body: Uint8Array, marks: Marks): Source {
  const { signal, request } = readRequest(file, body)
  const { items } = renew(file, signal, request, marks, 1)
  const templates = new Map<number, Template>()
  const buffers = new Buffers()
  const templateOf = (copies: number): Template => {
    const found = templates.get(copies)
    if (found) return found
    const { tree } = renew(file, signal, request, marks, copies)
    const encoded = explained(file, () => encode(signal, marks.encoding, tree))
    const made = new Template(encoded, items * copies, marks.encoding, marks.ids)
    templates.set(copies, made)
    return made
  }
  return {
    signal,
    next: (first, wanted, epochMs) =>
      filled(templateOf(Math.max(1, Math.floor(wanted / items))), signal, marks.encoding, buffers, first, epochMs),
  }
}

/** Each copy has traces of its own. */
function renew(file: string, signal: Signal, request: Fields, marks: Marks, copies: number): FilledIn {
  const [resources] = FIELDS[signal]
  const all: Fields[] = []
  let items = 0
  for (let copy = 0; copy < copies; copy++) {
    const filledIn = explained(file, () => fillIn(signal, request, marks, items))
    if (filledIn.items === 0) throw new FailoverctlError('not-otlp', `${file}: there is nothing in it to send`, EXPECTED)
    all.push(...list(filledIn.tree, resources))
    items += filledIn.items
  }
  return { tree: { ...request, [resources]: all }, items }
}

/** Throws `not-otlp`. */
export function readRequest(file: string, body: Uint8Array): { signal: Signal; request: Fields } {
  const request = explained(file, () => parseRequest(body))
  const signal = (Object.keys(FIELDS) as Signal[]).find(name => Object.hasOwn(request, FIELDS[name][0]))
  if (!signal) throw new FailoverctlError('not-otlp', `${file}: is no OTLP request`, EXPECTED)
  return { signal, request }
}

/** What is wrong with a request, with the name of its file. */
export function explained<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof MalformedPayload)) throw error
    throw new FailoverctlError('not-otlp', `${file}: ${error.message}`, EXPECTED, error)
  }
}

export const EXPECTED =
  'Expected OTLP/JSON, such as {"resourceSpans": [...]}, {"resourceMetrics": [...]} or {"resourceLogs": [...]}.'
