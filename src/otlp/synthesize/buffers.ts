/**
 * Bodies of requests in flight. One comes back only when its request was answered as accepted: after any other end, a connection
 * may still hold bytes that it has not written, and a new body in their place would go out under the old request's name.
 */
export class Buffers {
  #free: ArrayBuffer[] = []

  /** A copy of the bytes in a buffer of its own. */
  copy(bytes: Uint8Array): Uint8Array {
    const found = this.#free.pop()
    const buffer = found && found.byteLength >= bytes.length ? found : new ArrayBuffer(roomFor(bytes.length))
    const body = new Uint8Array(buffer, 0, bytes.length)
    body.set(bytes)
    return body
  }

  giveBack(body: Uint8Array): void {
    this.#free.push(body.buffer as ArrayBuffer)
  }
}

// Requests of one run differ by little: the next one fits, too.
const roomFor = (length: number): number => Math.ceil((length + 64) / 4096) * 4096
