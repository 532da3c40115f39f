import type { Network } from '../core/host.ts'
import type { GrpcClient } from './grpc-client.ts'
import type { HttpClient } from './http-client.ts'

/** The network, loaded with the first request or listener: `validate` must not pay for a client. */
export function lazyNetwork(): Network {
  let client: Promise<HttpClient> | undefined
  let grpc: Promise<GrpcClient> | undefined
  return {
    async request(request) {
      client ??= import('./http-client.ts').then(({ httpClient }) => httpClient())
      return (await client).request(request)
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
    async close() {
      await Promise.all([client?.then(http => http.close()), grpc?.then(each => each.close())])
    },
  }
}
