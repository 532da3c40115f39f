import type { Network } from '../core/host.ts'
import type { HttpClient } from './http-client.ts'

/** The network, loaded with the first request or listener: `validate` must not pay for an HTTP client. */
export function lazyNetwork(): Network {
  let client: Promise<HttpClient> | undefined
  return {
    async request(request) {
      client ??= import('./http-client.ts').then(({ httpClient }) => httpClient())
      return (await client).request(request)
    },
    async listen(address, handle) {
      const { listen } = await import('./http-server.ts')
      return listen(address, handle)
    },
    async close() {
      await (await client)?.close()
    },
  }
}
