import { connect, createServer, type Socket } from 'node:net'
import type { Address, Relay, RelayWay } from '../core/host.ts'
import { listenOn } from './listen-on.ts'

/** Bytes from one address to another, as they are or as late as is wanted. */
export async function relay(listen: Address, upstream: Address): Promise<Relay> {
  let way: RelayWay = {}
  const pairs = new Set<Pair>()
  const server = createServer({ allowHalfOpen: true }, client => {
    if (way.resets) return void client.resetAndDestroy()
    const pair = new Pair(client, connect({ ...upstream, allowHalfOpen: true }), () => way)
    pairs.add(pair)
    client.on('close', () => pairs.delete(pair))
  })
  const listener = await listenOn(server, listen)
  return {
    ...listener,
    become(next) {
      way = next
      for (const pair of pairs) pair.become()
    },
    async close() {
      for (const pair of pairs) pair.reset()
      await listener.close()
    },
  }
}

/** One connection and its other half. What happens to one happens to the other. */
class Pair {
  #client: Socket
  #upstream: Socket
  #way: () => RelayWay

  constructor(client: Socket, upstream: Socket, way: () => RelayWay) {
    this.#client = client
    this.#upstream = upstream
    this.#way = way
    pass(client, upstream, way, () => way().delayMs ?? 0)
    pass(upstream, client, way, () => 0)
    this.become()
  }

  become(): void {
    const { holds, resets } = this.#way()
    if (resets) this.reset()
    for (const socket of resets ? [] : [this.#client, this.#upstream]) {
      if (holds) socket.pause()
      else socket.resume()
    }
  }

  reset(): void {
    this.#client.resetAndDestroy()
    this.#upstream.resetAndDestroy()
  }
}

/** Every piece in its order, each so much later than it came. */
function pass(from: Socket, to: Socket, way: () => RelayWay, delayMs: () => number): void {
  let dueAt = 0
  const later = (task: () => void) => {
    dueAt = Math.max(dueAt, performance.now() + delayMs())
    const wait = dueAt - performance.now()
    if (wait <= 0) task()
    else setTimeout(task, wait)
  }
  const goOn = () => void (way().holds || from.resume())
  from.on('data', piece =>
    later(() => {
      if (!to.writable || to.write(piece)) return
      // As slow as the slower side.
      from.pause()
      to.once('drain', goOn)
    }),
  )
  from.on('end', () => later(() => to.end()))
  // A backend that refuses is one that resets, to whoever has connected already.
  from.on('error', () => to.resetAndDestroy())
}
