import type { Network } from '../core/host.ts'
import type { GrpcClient } from './grpc-client.ts'
import type { HttpClient } from './http-client.ts'
import type { ExchangeClient } from './http-exchange.ts'
import type { Getter } from './http-get.ts'

/** The network, loaded with the first request or listener: `validate` must not pay for a client. */
export function lazyNetwork(): Network {
  let client: Promise<HttpClient> | undefined
  let getting: Promise<Getter> | undefined
  let grpc: Promise<GrpcClient> | undefined
  let streams: Promise<ExchangeClient> | undefined
  return {
    async request(request) {
      client ??= import('./http-client.ts').then(({ httpClient }) => httpClient())
      return (await client).request(request)
    },
    async get(request) {
      getting ??= import('./http-get.ts').then(({ getter }) => getter())
      return (await getting).get(request)
    },
    async call(request) {
      grpc ??= import('./grpc-client.ts').then(({ grpcClient }) => grpcClient())
      return (await grpc).call(request)
    },
    async listen(address, handle, tls, maxRequestBytes) {
      const { listen } = await import('./http-server.ts')
      return listen(address, handle, tls, maxRequestBytes)
    },
    async listenGrpc(address, handle, tls, maxRequestBytes) {
      const { listenGrpc } = await import('./grpc-server.ts')
      return listenGrpc(address, handle, tls, maxRequestBytes)
    },
    async exchange(request) {
      streams ??= import('./http-exchange.ts').then(({ exchangeClient }) => exchangeClient())
      return (await streams).exchange(request)
    },
    async serve(address, handle, tls) {
      const { serve } = await import('./http-stream-server.ts')
      return serve(address, handle, tls)
    },
    async relay(listen, upstream) {
      const { relay } = await import('./tcp-relay.ts')
      return relay(listen, upstream)
    },
    async connect(address, timeoutMs) {
      const { connect } = await import('./lookup.ts')
      return connect(address, timeoutMs)
    },
    async services(name) {
      const { services } = await import('./lookup.ts')
      return services(name)
    },
    async close() {
      await Promise.all([client, getting, grpc, streams].map(async each => (await each)?.close()))
    },
  }
}
