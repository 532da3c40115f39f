import type { EndpointSettings } from '../endpoint.ts'
import { isEndpointSettings, parseTarget } from '../endpoint.ts'
import { AskFailed } from './keep-asking.ts'

/** A list of endpoints, or a map with one under `endpoints`. Throws AskFailed for anything else. */
export function readEndpoints(data: unknown, where: string): readonly EndpointSettings[] {
  const list = isMap(data) ? data.endpoints : data
  if (!Array.isArray(list)) throw new AskFailed(`${where}: expected a list of endpoints`)
  return list.map((one: unknown, index) => {
    const settings = typeof one === 'string' ? parseTarget(one) : one
    if (!isEndpointSettings(settings))
      throw new AskFailed(`${where}: endpoint ${index + 1} is not as expected (url, id, priority, weight, region, zone, tags)`)
    return settings
  })
}

const isMap = (data: unknown): data is Record<string, unknown> =>
  typeof data === 'object' && data !== null && !Array.isArray(data)
