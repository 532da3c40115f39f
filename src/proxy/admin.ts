import type { Address, Listener, Network, ServedReply } from '../core/host.ts'
import type { Door } from './door.ts'
import { type EventLine, eventLine } from './event-line.ts'
import { proxyMetrics } from './metrics.ts'

/** What a person and a monitor may ask a proxy. */
export const openAdmin = (address: Address, doors: () => readonly Door[], network: Pick<Network, 'listen'>): Promise<Listener> =>
  network.listen(
    address,
    ({ path }) => PAGES.get(path)?.(doors()) ?? text(404, 'there are /metrics, /healthz, /endpoints and /events\n'),
  )

const text = (status: number, body: string): ServedReply => ({
  status,
  headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
  body,
})
const json = (data: unknown): ServedReply => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: `${JSON.stringify(data, null, 2)}\n`,
})

/** Oldest first, of all listeners. */
const jsonLines = (lines: readonly EventLine[]): ServedReply => ({
  status: 200,
  headers: { 'content-type': 'application/x-ndjson' },
  body: lines
    .toSorted((a, b) => a.at - b.at)
    .map(line => `${JSON.stringify(line)}\n`)
    .join(''),
})

const PAGES = new Map<string, (doors: readonly Door[]) => ServedReply>([
  ['/metrics', doors => text(200, proxyMetrics(doors))],
  [
    '/healthz',
    doors => {
      const without = doors.filter(({ manager }) => manager.endpoints().every(({ health }) => health === 'unhealthy'))
      return without.length === 0
        ? text(200, 'ok\n')
        : text(503, without.map(({ config }) => `${config.name}: no endpoint is well\n`).join(''))
    },
  ],
  [
    '/endpoints',
    doors => json(Object.fromEntries(doors.map(({ config, manager }) => [config.name, manager.endpoints().map(shown)]))),
  ],
  [
    '/events',
    doors =>
      jsonLines(doors.flatMap(({ config: { name }, manager }) => manager.events.latest().map(event => eventLine(name, event)))),
  ],
])

// The address may hold a password.
const shown = ({ endpoint: { url: _, ...endpoint }, ...view }: ReturnType<Door['manager']['endpoints']>[number]) => ({
  ...endpoint,
  ...view,
})
