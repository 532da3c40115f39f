import { parsePrometheus, type Sample } from './prometheus.ts'

/** What one scrape of a collector says, by component. Counters count since the collector was started. */
export interface Figures {
  /** By connector id; the empty id where a gauge names none. */
  readonly levels: ReadonlyMap<string, Gauge>
  /** By exporter id; failover connectors with a queue of their own are among them. */
  readonly exporters: ReadonlyMap<string, ExporterFigures>
  readonly receivers: ReadonlyMap<string, ReceiverFigures>
  /** Items that processors have refused (a memory limiter) or dropped. */
  readonly processors: ReadonlyMap<string, number>
  readonly uptimeS: number | undefined
  /** `service_version` and `service_name` of `target_info`. */
  readonly version: string | undefined
  readonly service: string | undefined
  /** Whether anything in it is a collector's own. */
  readonly isCollector: boolean
}

export interface Gauge {
  readonly level: number
  readonly name: string
}

export type Unit = (typeof UNITS)[number]
export const UNITS = ['spans', 'metric_points', 'log_records'] as const

/** Items by unit: an exporter that serves traces and metrics has both. */
export type Items = Readonly<Partial<Record<Unit, number>>>

export interface ExporterFigures {
  readonly sent: Items
  readonly failed: Items
  /** Not taken into a queue that was full. */
  readonly enqueueFailed: Items
  /** The fullest of its queues: it has one for each signal. */
  readonly queue: Queue | undefined
}

export interface Queue {
  readonly size: number
  readonly capacity: number | undefined
}

export interface ReceiverFigures {
  readonly accepted: Items
  readonly refused: Items
  readonly failed: Items
}

/** Newest first. `…_current_level` is in no release that could be found; some guides name it, so somebody may have it. */
export const LEVEL_GAUGES = ['otelcol_connector_failover_active_level', 'otelcol_connector_failover_current_level'] as const

const WANTED = /^(?:otelcol[._](?:exporter|connector[._]failover|receiver|processor|process[._]uptime)|target_info)/
const NEWLINE = 10
/** `o` of otelcol, `t` of target_info, `{` of the quoted form. */
const STARTS = [111, 116, 123]
const decoder = new TextDecoder()

/** As `figuresOf`, from the bytes: lines of no interest, most of them where the level is detailed, do not even become text. */
export function readFigures(bytes: Uint8Array): Figures {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, at)
    const end = newline < 0 ? bytes.length : newline
    if (STARTS.includes(bytes[at] as number)) {
      const line = decoder.decode(bytes.subarray(at, end))
      if (WANTED.test(line.startsWith('{') ? line.slice(2) : line) && !line.includes('_bucket{')) lines.push(line)
    }
    at = end + 1
  }
  return figuresOf(parsePrometheus(lines.join('\n')))
}

const COUNTER =
  /^otelcol_(exporter_(?:sent|send_failed|enqueue_failed)|receiver_(?:accepted|refused|failed)|processor_(?:\w+_)?(?:refused|dropped))_(spans|metric_points|log_records)$/

const EXPORTER_COUNTS: ReadonlyMap<string, 'sent' | 'failed' | 'enqueueFailed'> = new Map([
  ['exporter_sent', 'sent'],
  ['exporter_send_failed', 'failed'],
  ['exporter_enqueue_failed', 'enqueueFailed'],
] as const)

const RECEIVER_COUNTS: ReadonlyMap<string, 'accepted' | 'refused' | 'failed'> = new Map([
  ['receiver_accepted', 'accepted'],
  ['receiver_refused', 'refused'],
  ['receiver_failed', 'failed'],
] as const)

export function figuresOf(samples: readonly Sample[]): Figures {
  const found = new Collected()
  for (const sample of samples) found.add(plainName(sample.name), sample)
  return found
}

const known = new Map<string, string>()

/** Releases differ: dots or underscores, with `_total`, with a unit, even twice. */
export function plainName(name: string): string {
  const before = known.get(name)
  if (before !== undefined) return before
  const plain = name
    .replaceAll('.', '_')
    .replace(/_total$/, '')
    .replace(/_+(spans|metric_points|log_records)_+\1_*$/, '_$1')
    .replace(/_uptime_(?:seconds|s)$/, '_uptime')
    .replace(/_(?:total)?$/, '')
  // Names are few; what is no collector may have any number of them.
  if (known.size < 1000) known.set(name, plain)
  return plain
}

type Sums = Partial<Record<Unit, number>>
type Growing<T> = { -readonly [Key in keyof T]: T[Key] extends Items ? Sums : T[Key] }

class Collected implements Figures {
  readonly levels = new Map<string, Gauge>()
  readonly exporters = new Map<string, Growing<ExporterFigures>>()
  readonly receivers = new Map<string, Growing<ReceiverFigures>>()
  readonly processors = new Map<string, number>()
  uptimeS: number | undefined
  version: string | undefined
  service: string | undefined
  isCollector = false
  #queues = new Map<string, Map<string, Partial<Queue>>>()

  add(name: string, { labels, value }: Sample): void {
    if (name === 'target_info') {
      this.version = labels.service_version ?? labels['service.version']
      this.service = labels.service_name ?? labels['service.name']
      return
    }
    if (!name.startsWith('otelcol_')) return
    this.isCollector = true
    if (name === 'otelcol_process_uptime') this.uptimeS = value
    else if (name === 'otelcol_exporter_queue_size') this.#queue(labels, 'size', value)
    else if (name === 'otelcol_exporter_queue_capacity') this.#queue(labels, 'capacity', value)
    else if ((LEVEL_GAUGES as readonly string[]).includes(name)) this.#level(name, labels.connector ?? '', value)
    else this.#counter(name, labels, value)
  }

  #level(name: string, connector: string, level: number): void {
    if (this.levels.get(connector)?.name !== LEVEL_GAUGES[0]) this.levels.set(connector, { level, name })
  }

  #counter(name: string, labels: Sample['labels'], value: number): void {
    const [, what, unit] = (COUNTER.exec(name) ?? []) as [string?, string?, Unit?]
    if (!what || !unit) return
    const exporter = EXPORTER_COUNTS.get(what)
    const receiver = RECEIVER_COUNTS.get(what)
    if (exporter) add(this.#exporter(labels)[exporter], unit, value)
    else if (receiver) add(this.#receiver(labels)[receiver], unit, value)
    else this.processors.set(labels.processor ?? '', (this.processors.get(labels.processor ?? '') ?? 0) + value)
  }

  #exporter({ exporter = '' }: Sample['labels']): Growing<ExporterFigures> {
    let found = this.exporters.get(exporter)
    if (!found) {
      found = { sent: {}, failed: {}, enqueueFailed: {}, queue: undefined }
      this.exporters.set(exporter, found)
    }
    return found
  }

  #receiver({ receiver = '' }: Sample['labels']): Growing<ReceiverFigures> {
    let found = this.receivers.get(receiver)
    if (!found) {
      found = { accepted: {}, refused: {}, failed: {} }
      this.receivers.set(receiver, found)
    }
    return found
  }

  // Size and capacity stand on lines of their own, in any order, one pair for each signal.
  #queue(labels: Sample['labels'], what: 'size' | 'capacity', value: number): void {
    const owner = labels.exporter ?? ''
    const bySignal = this.#queues.get(owner) ?? new Map<string, Partial<Queue>>()
    this.#queues.set(owner, bySignal)
    const signal = labels.data_type ?? ''
    bySignal.set(signal, { ...bySignal.get(signal), [what]: value })
    let fullest: Queue | undefined
    for (const { size, capacity } of bySignal.values()) {
      if (size !== undefined && fillOf({ size, capacity }) >= fillOf(fullest)) fullest = { size, capacity }
    }
    if (fullest) this.#exporter(labels).queue = fullest
  }
}

const add = (sums: Sums, unit: Unit, value: number): void => {
  sums[unit] = (sums[unit] ?? 0) + value
}

/** From 0 to 1; a queue without a known capacity counts by its size. */
export const fillOf = (queue: Queue | undefined): number =>
  queue ? (queue.capacity ? queue.size / queue.capacity : queue.size) : -1

export const totalOf = (items: Items): number => (items.spans ?? 0) + (items.metric_points ?? 0) + (items.log_records ?? 0)

/** What a pipeline of this signal is counted in. */
export const unitOf = (signal: string): Unit | undefined =>
  (({ traces: 'spans', metrics: 'metric_points', logs: 'log_records' }) as const)[signal]
