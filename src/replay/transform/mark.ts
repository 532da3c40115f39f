import type { Fields } from '../../otlp/json.ts'

export const MARK = 'failoverctl.replay.run_id'

/** Each resource says by which run it was replayed; a mark of an earlier run is replaced. */
export function marked(request: Fields, run: string): Fields {
  return Object.fromEntries(
    Object.entries(request).map(([key, resources]) => [
      key,
      Array.isArray(resources) ? resources.map(one => withMark(one, run)) : resources,
    ]),
  )
}

function withMark(entry: Fields, run: string): Fields {
  const resource = (entry.resource ?? {}) as Fields
  const others = Array.isArray(resource.attributes) ? resource.attributes.filter(pair => pair?.key !== MARK) : []
  return { ...entry, resource: { ...resource, attributes: [...others, { key: MARK, value: { stringValue: run } }] } }
}
