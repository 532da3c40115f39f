import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { later } from './follow.ts'

/** As much of Consul's HTTP API as its documentation promises to one who discovers: blocking queries, ACLs, registration. */
export class ConsulServer {
  /** By node and id. */
  readonly instances = new Map<
    string,
    { address: string; port: number; status: string; tags?: string[]; meta?: object; weights?: object }
  >()
  readonly asked: { path: string; query: URLSearchParams; token: string | undefined; heldMs: number }[] = []
  token: string | undefined
  /** Answers so many questions with 429. */
  busy = 0
  #index = 10
  #waiting = new Set<() => void>()
  #server = createServer((request, response) => void this.#answer(request, response))
  port = 0

  async start(port = 0): Promise<this> {
    this.#server = createServer((request, response) => void this.#answer(request, response))
    await new Promise<void>(resolve => this.#server.listen(port, '127.0.0.1', resolve))
    this.port = (this.#server.address() as AddressInfo).port
    later(() => this.stop())
    return this
  }

  async stop(): Promise<void> {
    const closed = new Promise(resolve => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Something has changed: who waits is answered. */
  change(act: () => void, index = this.#index + 1): void {
    act()
    this.#index = index
    for (const wake of [...this.#waiting]) wake()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://consul')
    const token = request.headers['x-consul-token'] as string | undefined
    const asked = { path: pathname, query: searchParams, token, heldMs: 0 }
    this.asked.push(asked)
    if (this.token !== undefined && token !== this.token) return void response.writeHead(403).end('Permission denied')
    if (this.busy > 0) {
      this.busy--
      return void response.writeHead(429, { 'retry-after': '1' }).end()
    }
    if (pathname === '/v1/agent/service/register') return this.#register(request, response)
    const [, id] = /^\/v1\/agent\/service\/deregister\/(.+)$/.exec(pathname) ?? []
    if (id !== undefined) {
      this.change(() => this.instances.delete(`local/${decodeURIComponent(id)}`))
      return void response.end()
    }
    const startedAt = performance.now()
    const index = Number(searchParams.get('index') ?? 0)
    if (index === this.#index) await this.#changed(Number.parseInt(searchParams.get('wait') ?? '0', 10))
    asked.heldMs = performance.now() - startedAt
    response.setHeader('x-consul-index', String(this.#index)).end(JSON.stringify([...this.instances].map(instanceOf)))
  }

  async #register(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const piece of request) text += piece
    const { ID, Address, Port, Tags, Meta } = JSON.parse(text)
    this.change(() =>
      this.instances.set(`local/${ID}`, { address: Address, port: Port, status: 'passing', tags: Tags, meta: Meta }),
    )
    response.end()
  }

  #changed(ms: number): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        clearTimeout(timer)
        this.#waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      this.#waiting.add(wake)
    })
  }
}

const instanceOf = ([key, { address, port, status, tags, meta, weights }]: [
  string,
  ConsulServer['instances'] extends Map<string, infer T> ? T : never,
]) => ({
  Node: { Node: key.split('/')[0], Address: '127.0.0.9', Datacenter: 'dc1' },
  Service: {
    ID: key.split('/')[1],
    Address: address,
    Port: port,
    Tags: tags ?? null,
    Meta: meta ?? null,
    Weights: weights ?? { Passing: 1, Warning: 1 },
  },
  Checks: [{ Status: 'passing' }, { Status: status }],
})
