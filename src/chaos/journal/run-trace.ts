import type { JournalEntry, RunRecord } from './record.ts'

/** Hexadecimal digits, as OTLP over JSON wants them. */
export interface TraceIds {
  readonly traceId: string
  /** Of the span that started this tool; undefined: the run is its own root. */
  readonly parentSpanId?: string | undefined
  readonly traceState?: string | undefined
  spanId(): string
}

/** What W3C Trace Context says; undefined for anything else. */
export function parentOf(
  traceparent: string | undefined,
): { readonly traceId: string; readonly parentSpanId: string } | undefined {
  const [, traceId, parentSpanId] = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/.exec(traceparent ?? '') ?? []
  const isNone = (id: string | undefined) => id === undefined || /^0+$/.test(id)
  return traceId === undefined || parentSpanId === undefined || isNone(traceId) || isNone(parentSpanId)
    ? undefined
    : { traceId, parentSpanId }
}

interface Part {
  readonly name: string
  /** Seconds from the start of traffic. */
  readonly from: number
  readonly to: number
  readonly attributes?: Readonly<Record<string, string | number | null | undefined>>
  /** Why it went wrong. */
  readonly error?: string | undefined
}

const OK = 1
const ERROR = 2
const INTERNAL = 1

/**
 * A run as a trace, as OTLP has it in JSON: the run is a span with the verdict as its status and the changes of level as its
 * events; below it are the steady state, each fault, each wait for a level, and the drain.
 */
export function runTrace(record: RunRecord, ids: TraceIds): object {
  const { header, entries, end } = record
  const outcome = end?.kind === 'outcome' ? end.outcome : undefined
  const endS = Math.max(0, ...entries.map(({ at_s }) => at_s), ...(outcome?.faults.map(({ until_s }) => until_s ?? 0) ?? []))
  const nanos = (at_s: number) => `${BigInt(Math.round(header.started_ms + at_s * 1000)) * 1_000_000n}`
  const rootId = ids.spanId()
  const common = { traceId: ids.traceId, kind: INTERNAL, ...(ids.traceState && { traceState: ids.traceState }) }
  const child = ({ name, from, to, attributes = {}, error }: Part) => ({
    ...common,
    spanId: ids.spanId(),
    parentSpanId: rootId,
    name,
    startTimeUnixNano: nanos(from),
    endTimeUnixNano: nanos(Math.max(from, to)),
    attributes: attributesOf(attributes),
    status: error === undefined ? {} : { code: ERROR, message: error },
  })
  const problem =
    end === undefined
      ? 'the journal is cut off'
      : end.kind === 'ended'
        ? end.why
        : end.outcome.verdict === 'deviated'
          ? end.outcome.reason
          : undefined
  const root = {
    ...common,
    spanId: rootId,
    ...(ids.parentSpanId && { parentSpanId: ids.parentSpanId }),
    name: `chaos ${header.experiment.faults.map(({ kind, on }) => `${kind} ${on}`).join(', ')}`,
    startTimeUnixNano: nanos(0),
    endTimeUnixNano: nanos(endS),
    attributes: attributesOf({
      'failoverctl.run': header.run,
      'failoverctl.seed': header.seed,
      'failoverctl.target': header.target,
      'failoverctl.config': header.config,
      'failoverctl.collector.version': header.collector_version,
      'failoverctl.verdict': outcome?.verdict,
      'failoverctl.reason': outcome?.reason,
      'failoverctl.failover.time': outcome?.failover_time_s,
      'failoverctl.recovery.time': outcome?.recovery_time_s,
      'failoverctl.spans.sent': outcome?.ledger.sent,
      'failoverctl.spans.acknowledged': outcome?.ledger.acknowledged,
      'failoverctl.spans.lost': outcome?.ledger.lost,
      'failoverctl.spans.duplicated': outcome?.ledger.duplicated,
    }),
    events: [
      ...entries.flatMap(entry => eventOf(entry, nanos)),
      ...(outcome?.checks ?? []).map(({ name, result, expected, observed }) => ({
        timeUnixNano: nanos(endS),
        name: 'check',
        attributes: attributesOf({ 'check.name': name, 'check.result': result, expected, observed }),
      })),
    ],
    status: problem !== undefined ? { code: ERROR, message: problem } : outcome?.verdict === 'held' ? { code: OK } : {},
  }
  const resource = { 'service.name': 'failoverctl', 'service.version': header.failoverctl, 'host.name': header.by.host }
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [
          {
            scope: { name: 'failoverctl.chaos', version: header.failoverctl },
            spans: [root, ...partsOf(entries, endS).map(child)],
          },
        ],
      },
    ],
  }
}

/** The stretches of a run that have a length, in the order in which they began. */
function partsOf(entries: readonly JournalEntry[], endS: number): Part[] {
  const parts: Part[] = []
  for (const [index, entry] of entries.entries()) {
    const { at_s } = entry
    if (entry.kind === 'steady')
      parts.push({
        name: 'steady state',
        from: 0,
        to: at_s,
        error: entry.reached ? undefined : 'level 0 does not take the traffic',
      })
    if (entry.kind === 'fault') {
      const { kind, on } = entry.fault
      const isIts = (other: JournalEntry) => other.kind === 'undone' && other.fault.kind === kind && other.fault.on === on
      const undone = entries.slice(index).find(isIts)
      parts.push({
        name: `${kind} ${on}`,
        from: at_s,
        to: undone?.at_s ?? endS,
        attributes: { 'fault.kind': kind, 'fault.on': on },
      })
    }
    if (entry.kind === 'transition') {
      const { expected, level, reached, time_s } = entry.transition
      const since = entries.slice(0, index).findLast(({ kind }) => kind === 'fault' || kind === 'undone')?.at_s ?? 0
      parts.push({
        name: `to level ${expected}`,
        from: since,
        to: reached && time_s !== null ? since + time_s : at_s,
        attributes: { 'level.expected': expected, 'level.seen': level },
        error: reached ? undefined : `on level ${level ?? 'unknown'} instead`,
      })
    }
    if (entry.kind === 'draining')
      parts.push({ name: 'drain', from: at_s, to: entries.slice(index).find(({ kind }) => kind === 'drained')?.at_s ?? endS })
  }
  return parts.sort((a, b) => a.from - b.from)
}

function eventOf(entry: JournalEntry, nanos: (at_s: number) => string): object[] {
  const timeUnixNano = nanos(entry.at_s)
  if (entry.kind === 'level')
    return [{ timeUnixNano, name: 'level', attributes: attributesOf({ level: entry.level, evidence: entry.evidence }) }]
  if (entry.kind === 'aborted') return [{ timeUnixNano, name: 'aborted', attributes: attributesOf({ why: entry.why }) }]
  return []
}

const attributesOf = (values: NonNullable<Part['attributes']>) =>
  Object.entries(values).flatMap(([key, value]) =>
    value === null || value === undefined
      ? []
      : [
          {
            key,
            value:
              typeof value === 'string'
                ? { stringValue: value }
                : Number.isInteger(value) && !key.endsWith('.time')
                  ? { intValue: String(value) }
                  : { doubleValue: value },
          },
        ],
  )
