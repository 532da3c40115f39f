import { type Encoded, type Place, SEQUENCE_DIGITS, Slot, type SlotKind, TIME_DIGITS } from './slot.ts'

/** The request as JSON text. Everything is ASCII, so that a place in the text is the same place in the bytes. */
export function encodeJson(request: unknown): Encoded {
  const writer = new JsonWriter()
  writer.value(request)
  return { bytes: new TextEncoder().encode(writer.parts.join('')), places: writer.places }
}

class JsonWriter {
  readonly parts: string[] = []
  readonly places: Place[] = []
  #length = 0

  value(value: unknown): void {
    if (value instanceof Slot) this.#slot(value.of)
    else if (Array.isArray(value)) this.#all('[', value, ']', entry => this.value(entry))
    else if (typeof value === 'object' && value !== null) {
      const given = Object.entries(value).filter(([, inner]) => inner !== undefined)
      this.#all('{', given, '}', ([key, inner]) => {
        this.#text(`${ascii(key)}:`)
        this.value(inner)
      })
    } else this.#text(ascii(value))
  }

  #all<T>(open: string, entries: readonly T[], close: string, write: (entry: T) => void): void {
    this.#text(open)
    for (const [index, entry] of entries.entries()) {
      if (index > 0) this.#text(',')
      write(entry)
    }
    this.#text(close)
  }

  #slot(slot: SlotKind): void {
    const [before, blank] = blankOf(slot)
    this.places.push({ at: this.#length + before.length, slot, form: 'content' })
    this.#text(before + blank)
  }

  #text(text: string): void {
    this.parts.push(text)
    this.#length += text.length
  }
}

/** What stands before the bytes that change, and these with what follows them. */
function blankOf(slot: SlotKind): [before: string, blank: string] {
  switch (slot.kind) {
    case 'trace':
      return ['"', `${'0'.repeat(32)}"`]
    case 'span':
      return ['"', `${'0'.repeat(16)}"`]
    // A number's closing quote moves with its digits; JSON allows spaces behind it, but no zeros in front.
    case 'sequence':
      return ['"', `0"${' '.repeat(SEQUENCE_DIGITS - 1)}`]
    case 'time':
      return ['"', `0"${' '.repeat(TIME_DIGITS - 1)}`]
    case 'ordinal':
      return [ascii(slot.before).slice(0, -1), `${'0'.repeat(slot.digits)}${ascii(slot.after).slice(1)}`]
    case 'status':
      return ['', '0']
  }
}

const ascii = (value: unknown): string =>
  (JSON.stringify(value) ?? 'null').replace(/[\u0080-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
