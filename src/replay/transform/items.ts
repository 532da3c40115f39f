import { FIELDS, type Fields, METRIC_KINDS } from '../../otlp/json.ts'
import type { Signal } from '../../otlp/signal.ts'

/** One span, data point or log record of a parsed request, with what stands around it. */
export interface Item {
  readonly signal: Signal
  readonly resource: Fields
  readonly scope: Fields
  /** Span, metric or log record. */
  readonly leaf: Fields
  /** The data point of a metric; elsewhere the leaf itself. */
  readonly point: Fields
}

export type Wanted = (item: Item) => boolean

type Request = Record<string, Fields[]>

export interface Kept {
  readonly request: Request
  readonly kept: number
  readonly dropped: number
}

const NOTHING: Fields = {}
const listIn = (inside: Fields, key: string): Fields[] => (Array.isArray(inside[key]) ? (inside[key] as Fields[]) : [])
const objectIn = (inside: Fields, key: string): Fields => (inside[key] as Fields | null | undefined) ?? NOTHING

/** The request of one signal with only the items that are wanted; scopes, resources and metrics without any are gone. */
export function keepWanted(signal: Signal, request: Fields, wanted: Wanted): Kept {
  const [resourcesKey, scopesKey, leavesKey] = FIELDS[signal]
  let [kept, dropped] = [0, 0]
  const isWanted: Wanted = item => {
    const is = wanted(item)
    if (is) kept++
    else dropped++
    return is
  }
  const resources = narrowed(listIn(request, resourcesKey), scopesKey, ({ resource }, scopes) =>
    narrowed(scopes, leavesKey, ({ scope }, leaves) => {
      const around = { signal, resource: resource ?? NOTHING, scope: scope ?? NOTHING } as Omit<Item, 'leaf' | 'point'>
      return leaves.flatMap(leaf => {
        if (signal === 'metrics') return keepPoints(leaf, point => isWanted({ ...around, leaf, point }))
        return isWanted({ ...around, leaf, point: leaf }) ? [leaf] : []
      })
    }),
  )
  return { request: { [resourcesKey]: resources }, kept, dropped }
}

/** Each parent with fewer children, and without the parents that have none left. */
function narrowed(parents: readonly Fields[], key: string, narrow: (parent: Fields, children: Fields[]) => Fields[]): Fields[] {
  return parents.flatMap(parent => {
    const children = narrow(parent, listIn(parent, key))
    return children.length === 0 ? [] : [{ ...parent, [key]: children }]
  })
}

function keepPoints(metric: Fields, wanted: (point: Fields) => boolean): Fields[] {
  const kind = METRIC_KINDS.find(name => metric[name] !== undefined)
  if (kind === undefined) return []
  const data = objectIn(metric, kind)
  const dataPoints = listIn(data, 'dataPoints').filter(wanted)
  return dataPoints.length === 0 ? [] : [{ ...metric, [kind]: { ...data, dataPoints } }]
}

/** The whole milliseconds since 1970 at which it was recorded: a span's start. Undefined where it does not say. */
export function timeOf({ signal, point }: Item): number | undefined {
  const names = signal === 'traces' ? ['startTimeUnixNano'] : ['timeUnixNano', 'observedTimeUnixNano']
  for (const name of names) {
    // As text: a double does not hold the digits.
    const ms = Number(String(point[name] ?? '').slice(0, -6))
    if (ms > 0) return ms
  }
  return undefined
}
