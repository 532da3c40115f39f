import type { Address, Listener, Network } from '../core/host.ts'
import { entryOf } from '../model/build.ts'
import type { Arrival } from '../sink/arrival.ts'
import { otlpService } from '../sink/grpc.ts'
import { otlpHandler } from '../sink/http.ts'
import type { Gateway, ReceiverLabels } from './gateway.ts'

/** Listens as a receiver of the config, in its own protocol. */
export function serveReceiver(
  { receiver, transport }: ReceiverLabels,
  address: Address,
  gateway: Gateway,
  network: Network,
): Promise<Listener> {
  const take = (arrival: Arrival) => gateway.receive({ receiver, transport }, entryOf(receiver, arrival.signal), arrival)
  return transport === 'grpc' ? network.listenGrpc(address, otlpService(take)) : network.listen(address, otlpHandler(take))
}
