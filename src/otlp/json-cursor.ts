/** The text is not shaped as exporters write it: it has to be parsed in full, which also tells whether it is JSON at all. */
export class UnusualJson extends Error {}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const SPACE = 0x20

const WORDS = new Map(['true', 'false', 'null'].map(word => [word.charCodeAt(0), new TextEncoder().encode(word)]))

const NUMERIC = new Uint8Array(256)
for (const byte of new TextEncoder().encode('+-.0123456789eE')) NUMERIC[byte] = 1

/** Bytes that mean nothing outside of texts but for brackets and quotes, and inside of them but for quotes and escapes. */
const PLAIN = new Uint8Array(256).fill(1)
for (const byte of [QUOTE, OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST]) PLAIN[byte] = 0
const IN_TEXT = new Uint8Array(256).fill(1)
for (const byte of [QUOTE, BACKSLASH]) IN_TEXT[byte] = 0

/** Where the text that begins here ends. */
function quoteAfter(bytes: Uint8Array, start: number): number {
  for (let position = start; ; position++) {
    while (IN_TEXT[bytes[position] as number] === 1) position++
    const byte = bytes[position]
    if (byte === QUOTE) return position
    if (byte === undefined) throw new UnusualJson()
    position++
  }
}

/** What a hexadecimal digit is worth; more than 15 where it is none. */
const DIGITS = new Uint8Array(256).fill(16)
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  DIGITS[digit.charCodeAt(0)] = value
  DIGITS[digit.toUpperCase().charCodeAt(0)] = value
}

/** A marker bit and 29 brackets. */
const DEEPEST = 2 ** 29

/** A place in JSON text that moves forward over what is known and what is not. Throws UnusualJson wherever it is not sure. */
export class JsonCursor {
  position = 0
  #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Visits the members of the object here; `visit` moves over the value. The key is at `keyAt`, as long as `keyLength`. */
  object(visit: (keyAt: number, keyLength: number) => void): void {
    this.#expect(OPEN_OBJECT)
    if (this.#take(CLOSE_OBJECT)) return
    do {
      this.#expect(QUOTE)
      const start = this.position
      this.#toPlainQuote()
      const length = this.position - start - 1
      this.#expect(COLON)
      visit(start, length)
    } while (this.#take(COMMA))
    this.#expect(CLOSE_OBJECT)
  }

  /** Visits the places of a list; `visit` moves over each. */
  list(visit: () => void): void {
    this.#expect(OPEN_LIST)
    if (this.#take(CLOSE_LIST)) return
    do visit()
    while (this.#take(COMMA))
    this.#expect(CLOSE_LIST)
  }

  /** Throws unless the text ends here. */
  end(): void {
    this.#space()
    if (this.position !== this.#bytes.length) throw new UnusualJson()
  }

  is(text: Uint8Array, at: number, length: number): boolean {
    if (length !== text.length) return false
    for (let index = 0; index < length; index++) if (this.#bytes[at + index] !== text[index]) return false
    return true
  }

  /** Moves over a text without escapes; answers with where it begins. Its end is one before the cursor. */
  text(): number {
    this.#expect(QUOTE)
    const start = this.position
    this.#toPlainQuote()
    return start
  }

  /** A whole number of at least 0, with quotes around it or not. */
  integer(): number {
    const isQuoted = this.#take(QUOTE)
    let value = 0
    const start = this.position
    for (let byte = this.#bytes[this.position] ?? 0; byte >= 0x30 && byte <= 0x39; byte = this.#bytes[++this.position] ?? 0)
      value = value * 10 + byte - 0x30
    if (this.position === start || (isQuoted && !this.#take(QUOTE))) throw new UnusualJson()
    return value
  }

  /** Eight hexadecimal digits as a number. */
  hex(at: number): number {
    const bytes = this.#bytes
    let value = 0
    let seen = 0
    for (let index = at; index < at + 8; index++) {
      const digit = DIGITS[bytes[index] as number] as number
      seen |= digit
      value = (value << 4) | digit
    }
    if (seen > 15) throw new UnusualJson()
    return value >>> 0
  }

  /** Moves over a value of any kind. What is inside is looked at only as far as its brackets and quotes. */
  skip(): void {
    this.#space()
    const first = this.#bytes[this.position]
    if (first === QUOTE) this.position = quoteAfter(this.#bytes, this.position + 1) + 1
    else if (first === OPEN_OBJECT || first === OPEN_LIST) this.#overBrackets()
    else this.#overWord()
  }

  // The kinds of the open brackets, innermost in the lowest bit.
  #overBrackets(): void {
    const bytes = this.#bytes
    let position = this.position
    let kinds = 1
    do {
      while (PLAIN[bytes[position] as number] === 1) position++
      const byte = bytes[position++]
      if (byte === QUOTE) position = quoteAfter(bytes, position) + 1
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (kinds >= DEEPEST) throw new UnusualJson()
        kinds = kinds * 2 + (byte === OPEN_OBJECT ? 1 : 0)
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        if ((kinds & 1) !== (byte === CLOSE_OBJECT ? 1 : 0)) throw new UnusualJson()
        kinds >>= 1
      } else throw new UnusualJson()
    } while (kinds > 1)
    this.position = position
  }

  #overWord(): void {
    const word = WORDS.get(this.#bytes[this.position] ?? 0)
    if (word && !this.is(word, this.position, word.length)) throw new UnusualJson()
    if (word) this.position += word.length
    else this.#overNumber()
  }

  #overNumber(): void {
    const start = this.position
    for (let byte = this.#bytes[this.position] ?? 0; NUMERIC[byte] === 1; ) byte = this.#bytes[++this.position] ?? 0
    if (this.position === start) throw new UnusualJson()
  }

  /** Behind the quote that ends the text here, which has no escapes. */
  #toPlainQuote(): void {
    const bytes = this.#bytes
    let position = this.position
    while (IN_TEXT[bytes[position] as number] === 1) position++
    if (bytes[position] !== QUOTE) throw new UnusualJson()
    this.position = position + 1
  }

  #space(): void {
    const bytes = this.#bytes
    for (let byte = bytes[this.position]; byte === SPACE || (byte !== undefined && byte >= 9 && byte <= 13); )
      byte = bytes[++this.position]
  }

  #take(byte: number): boolean {
    this.#space()
    if (this.#bytes[this.position] !== byte) return false
    this.position++
    return true
  }

  #expect(byte: number): void {
    if (!this.#take(byte)) throw new UnusualJson()
  }
}
