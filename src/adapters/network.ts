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
  let exchanges: ExchangeClient | undefined
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
      const called = performance.now()
      grpc ??= import('./grpc-client.ts').then(({ grpcClient }) => grpcClient())
      const calls = await grpc
      return calls.call(leftOf(request, called))
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
      if (exchanges) return exchanges.exchange(request)
      const called = performance.now()
      streams ??= import('./http-exchange.ts').then(({ exchangeClient }) => exchangeClient())
      exchanges = await streams
      return exchanges.exchange(leftOf(request, called))
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

/** A limit counts from the call: what the first ones wait for their client to be loaded is part of it. */
const leftOf = <T extends { readonly timeoutMs: number }>(request: T, calledAt: number): T => ({
  ...request,
  timeoutMs: Math.max(1, request.timeoutMs - (performance.now() - calledAt)),
})
