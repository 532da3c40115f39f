import type { Address, Listener } from '../core/host.ts'

/** The ports of a collector: closed when it dies, the same ones again when it is back. */
export class Doors {
  #doors: { address: Address; readonly open: (address: Address) => Promise<Listener>; listener: Listener | undefined }[] = []

  /** Answers with the port. */
  async open(address: Address, open: (address: Address) => Promise<Listener>): Promise<number> {
    const listener = await open(address)
    this.#doors.push({ address: { host: address.host, port: listener.port }, open, listener })
    return listener.port
  }

  async close(): Promise<void> {
    for (const door of this.#doors.toReversed()) {
      const { listener } = door
      door.listener = undefined
      await listener?.close()
    }
  }

  /** Does nothing for those that are open. */
  async reopen(): Promise<void> {
    for (const door of this.#doors) door.listener ??= await door.open(door.address)
  }
}
