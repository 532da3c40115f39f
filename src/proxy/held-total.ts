/** How many bytes of bodies a listener holds at once, so that they can be sent again. */
export class HeldTotal {
  bytes = 0

  /** False when that many more would be over the limit; then nothing is taken. */
  take(bytes: number, limit: number): boolean {
    if (this.bytes + bytes > limit) return false
    this.bytes += bytes
    return true
  }

  give(bytes: number): void {
    this.bytes -= bytes
  }
}
