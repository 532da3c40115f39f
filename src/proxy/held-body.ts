import type { Body } from '../core/host.ts'

export class BodyTooLarge extends Error {}

/** The client did not send its body in time. */
export class BodyTooLate extends Error {}

/** A request's body: held whole when it is small enough, so that it can be sent again; else a head that is held and the rest as it comes. */
export class HeldBody {
  readonly #head: readonly Uint8Array[]
  readonly #rest: AsyncIterator<Uint8Array> | undefined
  readonly #maxBytes: number
  #seen: number
  #begun = false
  #waits = false

  private constructor(head: readonly Uint8Array[], seen: number, rest: AsyncIterator<Uint8Array> | undefined, maxBytes: number) {
    this.#head = head
    this.#seen = seen
    this.#rest = rest
    this.#maxBytes = maxBytes
  }

  /** Reads up to `heldBytes`. Throws BodyTooLarge over `maxBytes`. */
  static async read(body: Body | undefined, heldBytes: number, maxBytes: number): Promise<HeldBody> {
    if (body instanceof Uint8Array) {
      if (body.length > maxBytes) throw new BodyTooLarge()
      return new HeldBody([body], body.length, undefined, maxBytes)
    }
    const head: Uint8Array[] = []
    let seen = 0
    const pieces = body?.[Symbol.asyncIterator]()
    while (pieces && seen <= heldBytes) {
      const { value, done } = await pieces.next()
      if (done) return new HeldBody(head, seen, undefined, maxBytes)
      head.push(value)
      seen += value.length
      if (seen > maxBytes) throw new BodyTooLarge()
    }
    return new HeldBody(head, seen, pieces, maxBytes)
  }

  /** False once a part of it is gone that is not held. */
  get canRepeat(): boolean {
    return !this.#begun
  }

  /** Throws when it is the client's doing that no answer came: it says nothing about the endpoint. */
  blameClient(): void {
    if (this.#seen > this.#maxBytes) throw new BodyTooLarge()
    if (this.#waits) throw new BodyTooLate()
  }

  /** To be sent: bytes when it is held whole. */
  get content(): Body | undefined {
    if (this.#rest) return this.#stream(this.#rest)
    return this.#head.length <= 1 ? this.#head[0] : joined(this.#head, this.#seen)
  }

  // Whoever stops reading before the rest has begun leaves it to the next try.
  async *#stream(rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
    yield* this.#head
    this.#begun = true
    for (;;) {
      this.#waits = true
      const { value, done } = await rest.next()
      this.#waits = false
      if (done) return
      this.#seen += value.length
      if (this.#seen > this.#maxBytes) throw new BodyTooLarge()
      yield value
    }
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
