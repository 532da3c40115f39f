import type { Files } from '../core/host.ts'
import { FIELDS, METRIC_KINDS } from '../otlp/json.ts'
import type { Payload } from '../otlp/payload.ts'
import { transcode } from '../otlp/transcode.ts'
import type { KeepAt, Store } from './ledger.ts'

/** Appends each request as a line of JSON, as the collector's file exporter does. Rejects when the file cannot be written. */
export function jsonLines(path: string, files: Pick<Files, 'append'>): Store {
  let writing: Promise<void> = Promise.resolve()
  return (payload, keep) => {
    const { body } = transcode(payload, 'json')
    const line = keep ? withoutDropped(payload.signal, body, keep) : body
    if (!line) return Promise.resolve()
    // One after the other, so that no line stands inside another.
    writing = writing.catch(() => {}).then(() => files.append(path, withNewline(line)))
    return writing
  }
}

function withNewline(line: Uint8Array): Uint8Array {
  const whole = new Uint8Array(line.length + 1)
  whole.set(line)
  whole[line.length] = 0x0a
  return whole
}

type Json = Record<string, unknown>

const list = (inside: Json | undefined, key: string): Json[] => (inside?.[key] ?? []) as Json[]

/** The request without the items that are not kept, which stand in the order of `readItems`; undefined when none is left. */
export function withoutDropped(signal: Payload['signal'], body: Uint8Array, keep: KeepAt): Uint8Array | undefined {
  const request = JSON.parse(new TextDecoder().decode(body)) as Json
  const [resources, scopes, leaves] = FIELDS[signal]
  let [index, left] = [0, 0]
  const filter = (inside: Json, key: string) => {
    const kept = list(inside, key).filter(() => keep(index++))
    left += kept.length
    inside[key] = kept
  }
  for (const scope of list(request, resources).flatMap(resource => list(resource, scopes))) {
    if (signal !== 'metrics') filter(scope, leaves)
    else for (const metric of list(scope, leaves)) for (const data of dataOf(metric)) filter(data, 'dataPoints')
  }
  return left > 0 ? new TextEncoder().encode(JSON.stringify(request)) : undefined
}

const dataOf = (metric: Json): Json[] =>
  METRIC_KINDS.map(kind => metric[kind] as Json | undefined).filter(data => data !== undefined)
