import { MalformedPayload } from '../../otlp/contents.ts'
import { type Fields, object } from '../../otlp/json.ts'
import type { Encoding } from '../../otlp/signal.ts'
import { parseExactly } from '../../otlp/transcode/to-protobuf.ts'
import { transcode } from '../../otlp/transcode.ts'
import type { Line } from '../backup.ts'
import type { Transform, Transformed } from '../seams.ts'
import { dedup } from './dedup.ts'
import { keepWanted, timeOf, type Wanted } from './items.ts'
import { marked } from './mark.ts'
import { shiftTimes } from './time-shift.ts'

export interface Changes {
  /** Milliseconds since 1970: what was recorded before is left out, and what was from `untilMs` on. */
  readonly sinceMs: number | undefined
  readonly untilMs: number | undefined
  readonly filter: Wanted | undefined
  readonly dedup: boolean
  readonly shiftMs: number | undefined
  /** The run that resources are marked with. */
  readonly mark: string | undefined
}

/** All changes that were asked for, in one go: first what is left out, then what is rewritten. Undefined when there are none. */
export function transformOf(changes: Changes): Transform | undefined {
  const { shiftMs, mark } = changes
  const conditions = conditionsOf(changes)
  const rewrites = shiftMs !== undefined || mark !== undefined
  if (conditions.length === 0 && !rewrites) return undefined
  const wanted: Wanted = item => conditions.every(condition => condition(item))
  return line => {
    try {
      const { request, kept, dropped } = keepWanted(line.signal, parsed(line), wanted)
      if (kept === 0) return { kind: dropped > 0 ? 'skipped' : 'same' }
      if (dropped === 0 && !rewrites) return { kind: 'same' }
      const shifted = shiftMs === undefined ? request : shiftTimes(request, shiftMs)
      const changed = mark === undefined ? shifted : marked(shifted, mark)
      // What the fast path counted stays the measure, so that the sums of a run add up.
      const skippedItems = Math.min(dropped, line.items)
      return { kind: 'changed', bytes: written(changed, line), items: line.items - skippedItems, skippedItems }
    } catch (error) {
      if (error instanceof MalformedPayload) return { kind: 'unreadable', reason: error.message } satisfies Transformed
      throw error
    }
  }
}

function conditionsOf({ sinceMs, untilMs, filter, dedup: onlyOnce }: Changes): Wanted[] {
  const inTime: Wanted = item => {
    const time = timeOf(item)
    return time === undefined || (time >= (sinceMs ?? Number.NEGATIVE_INFINITY) && time < (untilMs ?? Number.POSITIVE_INFINITY))
  }
  return [
    ...(sinceMs === undefined && untilMs === undefined ? [] : [inTime]),
    ...(filter ? [filter] : []),
    // Last: what is left out by the others must not make a repetition of it one.
    ...(onlyOnce ? [dedup()] : []),
  ]
}

const inEncoding = ({ signal, encoding }: Line, body: Uint8Array, from: Encoding, to: Encoding): Uint8Array =>
  encoding === 'json' ? body : transcode({ signal, encoding: from, body }, to).body

const parsed = (line: Line): Fields => object(parseExactly(inEncoding(line, line.bytes, 'protobuf', 'json')))

const written = (request: Fields, line: Line): Uint8Array =>
  inEncoding(line, new TextEncoder().encode(JSON.stringify(request)), 'json', 'protobuf')
